// The names and addresses of the pages.
export const PAGE_NAMES = [
  'overview',
  'dormancy',
  'reasons',
  'people',
  'segments',
  'programmes',
  'templates',
  'offers',
  'results',
  'reach',
  'data',
  'settings',
] as const;
export type PageName = (typeof PAGE_NAMES)[number];

/** The overview lives at the root; every other page at its name, with the addresses below it its own (`<Routes>` inside the page). */
export const pathOf = (name: PageName): string => (name === 'overview' ? '/' : `/${name}`);
