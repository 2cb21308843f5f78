export const en = {
  title: 'Settings',
  question: 'Who works here, and as whom do we write?',
  not_yet: 'This page is not here yet.',
  not_yet_text: 'The API and the command line already answer it.',
} as const;
