// What the traits of an identify call say about a person. Pure.
import { addressKey, normalEmail, normalPhone } from '../../kernel/address.ts';
import { textOf, type JsonObject } from '../../kernel/json.ts';
import { zoneNamed } from '../../kernel/time-zone.ts';

/** A person as she is written to the records store. Undefined leaves what is known. */
export type PersonUpdate = {
  readonly personId: string;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly firstName?: string | undefined;
  readonly language?: string | undefined;
  readonly country?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly traits: JsonObject;
  readonly at: Date;
};

/** Traits may carry the Segment names (`firstName`, `address.country`, `timezone`, `locale`). Values that make no sense are left out. */
export function personUpdateOf(personId: string, traits: JsonObject, at: Date): PersonUpdate {
  const address =
    typeof traits['address'] === 'object' && traits['address'] !== null ? (traits['address'] as JsonObject) : {};
  const email = textOf(traits['email']);
  const phone = textOf(traits['phone']);
  const zone = textOf(traits['timezone']) ?? textOf(traits['timeZone']);
  const fullName = textOf(traits['name']);
  // Two letters or nothing: the first two of "Germany" are Georgia's.
  const country = textOf(traits['country']) ?? textOf(address['country']);
  return {
    personId,
    email: email === undefined ? undefined : normalEmail(email),
    phone: phone === undefined ? undefined : normalPhone(phone),
    firstName: textOf(traits['firstName']) ?? textOf(traits['first_name']) ?? fullName?.split(/\s+/)[0],
    language: textOf(traits['language']) ?? textOf(traits['locale']),
    country: country !== undefined && /^[A-Za-z]{2}$/.test(country) ? country.toUpperCase() : undefined,
    timeZone: zone === undefined ? undefined : zoneNamed(zone),
    traits,
    at,
  };
}

export const emailKeyOf = (secret: string, update: PersonUpdate): string | null =>
  update.email === undefined ? null : addressKey(secret, update.email);

export const phoneKeyOf = (secret: string, update: PersonUpdate): string | null =>
  update.phone === undefined ? null : addressKey(secret, update.phone);
