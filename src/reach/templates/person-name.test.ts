import { describe, expect, it } from 'vitest';
import { nameIn } from './person-name.ts';

describe('a name', () => {
  it.each([
    'Mia', '李', '王小明', 'مریم', 'می‌نا', 'ศรีสุดา', 'Ὀδυσσεύς', 'Ольга', 'אסתר', 'みゆき', '김민준', 'O’Brien', "D'Arcy", 'Jean-Luc', 'J.R.', 'St. John',
    'Anita D/O Raman', 'Nullah', 'Testa', 'Noname', 'Ng', 'Å', 'X Æ A-12', 'क्षत्रिय',
  ])('%s may be greeted', (name) => expect(nameIn(name)).toBe(name)); // prettier-ignore

  it.each([
    ['nothing', ''],
    ['what cannot be seen', '\u200b\u2060\u00ad'],
    ['a filler that counts as a letter', '\u3164'],
    ['the braille blank', '\u2800'],
    ['null twice', 'null NULL'],
    ['null in quotes', '"null"'],
    ['a placeholder', 'Guest'],
    ['a placeholder of two words', 'First name'],
    ['a placeholder in Chinese', '用户'],
    ['a merge tag of Mailchimp', '*|FNAME|*'],
    ['a merge tag of Liquid', '{{ person.first_name }}'],
    ['a merge tag of Salesforce', '%%first_name%%'],
    ['an object', '[object Object]'],
    ['a field', 'FIRST_NAME'],
    ['a number', '12345'],
    ['a phone', '+86 138 0013 8000'],
    ['marks', '???'],
    ['markup', '<b>Mia</b>'],
    ['a mailbox', 'mia@shop.example'],
    ['a web address', 'https://evil.example/win'],
    ['a web address without its protocol', 'evil.com'],
    ['a lure', 'Win 1000 at bit.ly/x now'],
    ['a speech', 'Dear customer your account is closed please call us at once or lose everything you have'],
  ])('%s may not: %j', (_what, name) => expect(nameIn(name)).toBe(''));

  it('is written without what turns the text around it', () => {
    expect(nameIn('\u202egnp.Exe')).toBe('gnp.Exe');
    expect(nameIn('“Mia”')).toBe('Mia');
  });
});
