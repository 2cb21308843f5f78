export const en = {
  title: 'Segments',
  question: 'Which people belong together?',
  not_yet: 'This page is not here yet.',
  not_yet_text: 'The API and the command line already answer it.',
} as const;
