export const en = {
  title: 'People',
  question: 'Who is this person, and may we contact her?',
  not_yet: 'This page is not here yet.',
  not_yet_text: 'The API and the command line already answer it.',
} as const;
