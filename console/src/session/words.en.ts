export const en = {
  welcome: 'Welcome to Rekindle',
  welcome_back: 'Sign in to {{brand}}',
} as const;
