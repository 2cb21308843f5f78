/** What was typed to find somebody, as the kind of thing it is. */
export const whoIs = (
  text: string,
): { readonly email?: string; readonly phone?: string; readonly personId?: string } =>
  text.includes('@') ? { email: text } : /^\+\d[\d ]+$/.test(text) ? { phone: text } : { personId: text };
