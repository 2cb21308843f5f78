export const en = {
  title: 'Reach',
  question: 'Does what we send arrive, and is it wanted?',
  not_yet: 'This page is not here yet.',
  not_yet_text: 'The API and the command line already answer it.',
} as const;
