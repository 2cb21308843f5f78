export const en = {
  title: 'Data',
  question: 'What do we know, and where does it come from?',
  not_yet: 'This page is not here yet.',
  not_yet_text: 'The API and the command line already answer it.',
} as const;
