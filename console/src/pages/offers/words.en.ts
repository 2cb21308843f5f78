export const en = {
  title: 'Offers',
  question: 'What may we give, and what has it cost?',
  not_yet: 'This page is not here yet.',
  not_yet_text: 'The API and the command line already answer it.',
} as const;
