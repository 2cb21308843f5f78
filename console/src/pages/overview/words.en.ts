export const en = {
  title: 'Overview',
  question: 'How many are dormant, and what came back because of us?',
  not_yet: 'This page is not here yet.',
  not_yet_text: 'The API and the command line already answer it.',
} as const;
