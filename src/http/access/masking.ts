// Names and addresses for those who need not know them: an analyst sees that a person has an e-mail address, not which. Pure.
const FIRST_LETTER = /^(?:first_?name|last_?name|full_?name|name)$/i;
const WHOLE = /^(?:address|recipient|raw|subject|text|html|content)$/i;

const hidden = '•••';

/** `ada.lovelace@shop.example` → `a•••@shop.example`. */
export const maskedEmail = (email: string): string => {
  const at = email.lastIndexOf('@');
  return at < 1 ? hidden : `${Array.from(email)[0] ?? ''}${hidden}${email.slice(at)}`;
};
/** `+8613800138000` → `•••8000`: enough to tell two apart, not to call. */
export const maskedPhone = (phone: string): string => `${hidden}${phone.slice(-4)}`;
export const maskedName = (name: string): string => (name === '' ? '' : `${Array.from(name)[0] ?? ''}${hidden}`);

const EMAIL = /[^\s@<>"']+@[^\s@<>"']+\.[^\s@<>"']+/g;

function maskedField(name: string, value: string): string {
  if (/e?mail/i.test(name)) return maskedEmail(value);
  if (/phone|mobile/i.test(name)) return maskedPhone(value);
  if (FIRST_LETTER.test(name)) return maskedName(value);
  if (WHOLE.test(name)) return value === '' ? '' : hidden;
  // An address may hide in any text.
  return value.replaceAll(EMAIL, (found) => maskedEmail(found));
}

/** An answer about people, with e-mail addresses, phone numbers, names and what was written to them masked. Free traits are hidden whole. */
export function maskedAnswer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskedAnswer);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, unknown]) => {
      if (/^(?:traits|properties)$/.test(name) && typeof inner === 'object' && inner !== null)
        return [name, Object.fromEntries(Object.keys(inner).map((key) => [key, hidden]))];
      return [name, typeof inner === 'string' ? maskedField(name, inner) : maskedAnswer(inner)];
    }),
  );
}
