export const en = {
  title: 'Reasons',
  question: 'Why did they go quiet?',
  not_yet: 'This page is not here yet.',
  not_yet_text: 'The API and the command line already answer it.',
} as const;
