export const en = {
  title: 'Dormancy',
  question: 'When does silence become dormancy, and who has reached it?',
  not_yet: 'This page is not here yet.',
  not_yet_text: 'The API and the command line already answer it.',
} as const;
