export const en = {
  title: 'Programmes',
  question: 'Whom do we wake, with what, and whom do we leave alone?',
  not_yet: 'This page is not here yet.',
  not_yet_text: 'The API and the command line already answer it.',
} as const;
