import { describe, expect, it } from 'vitest';
import { emailKeyOf, personUpdateOf, phoneKeyOf } from './person.ts';

const AT = new Date('2026-03-01T12:00:00Z');
const of = (traits: Record<string, unknown>) => personUpdateOf('p1', traits, AT);

describe('what traits say about a person', () => {
  it('reads the Segment names', () => {
    const traits = {
      email: ' Mia@Example.com',
      phone: '+49 30 12345678',
      firstName: 'Mia',
      locale: 'de-DE',
      timezone: 'Europe/Berlin',
      address: { country: 'de' },
    };
    expect(of(traits)).toEqual({
      personId: 'p1',
      email: 'mia@example.com',
      phone: '+493012345678',
      firstName: 'Mia',
      language: 'de-DE',
      country: 'DE',
      timeZone: 'Europe/Berlin',
      traits,
      at: AT,
    });
  });

  it.each([
    [{ firstName: 'A', first_name: 'B', name: 'C D' }, 'A'],
    [{ first_name: 'B', name: 'C D' }, 'B'],
    [{ name: 'Mia van Dijk' }, 'Mia'],
    [{ name: '王小明' }, '王小明'],
    [{}, undefined],
  ])('finds the first name in %j', (traits, name) => expect(of(traits).firstName).toBe(name));

  it('leaves out what makes no sense and keeps it among the traits', () => {
    const traits = {
      email: 'nobody',
      phone: '123',
      timezone: 'Mars/Olympus',
      address: 'Main Street',
      country: 'Germany',
    };
    expect(of(traits)).toEqual({ personId: 'p1', traits, at: AT });
  });

  it.each(['+08:00', '-05', '0', 'Nowhere'])('takes no zone %j, which engines read differently', (timezone) =>
    expect(of({ timezone }).timeZone).toBeUndefined(),
  );

  it('keys addresses only where there are any', () => {
    expect([emailKeyOf('s', of({})), phoneKeyOf('s', of({}))]).toEqual([null, null]);
    expect(emailKeyOf('s', of({ email: 'MIA@example.com' }))).toBe(emailKeyOf('s', of({ email: 'mia@example.com' })));
    expect(emailKeyOf('s', of({ email: 'mia@example.com' }))).not.toBe(
      emailKeyOf('t', of({ email: 'mia@example.com' })),
    );
  });
});
