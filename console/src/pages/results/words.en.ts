export const en = {
  title: 'Results',
  question: 'What came back because of us?',
  not_yet: 'This page is not here yet.',
  not_yet_text: 'The API and the command line already answer it.',
} as const;
