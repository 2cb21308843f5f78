// The closed table of permissions: which roles hold each. An owner holds all of them. Reading a person does not include her name and
// addresses (`people.contact_data`): whoever lacks it sees them masked.
import type { Permission, Role } from '../contract/permissions.ts';

export const ROLES = [
  'owner',
  'marketer',
  'approver',
  'analyst',
  'support',
  'reader',
] as const satisfies readonly Role[];

const EVERYBODY = ['marketer', 'approver', 'analyst', 'support', 'reader'] as const;
const BUILDERS = ['marketer'] as const;

const HOLDERS: Readonly<Record<Permission, readonly Exclude<Role, 'owner'>[]>> = {
  'business.read': EVERYBODY,
  'business.write': [],
  'policies.read': EVERYBODY,
  'policies.write': BUILDERS,
  'reasons.read': EVERYBODY,
  'reasons.write': BUILDERS,
  'people.read': EVERYBODY,
  'people.contact_data': ['marketer', 'approver', 'support'],
  'people.write': ['support'],
  'people.export': ['support'],
  'people.erase': ['support'],
  'segments.read': EVERYBODY,
  'segments.write': ['marketer', 'analyst'],
  'templates.read': EVERYBODY,
  'templates.write': BUILDERS,
  'offers.read': EVERYBODY,
  'offers.write': BUILDERS,
  'programmes.read': EVERYBODY,
  'programmes.write': BUILDERS,
  'programmes.start': ['marketer', 'approver'],
  'results.read': EVERYBODY,
  'reach.read': EVERYBODY,
  'reach.write': BUILDERS,
  'data.read': ['marketer', 'analyst', 'support', 'reader'],
  'data.write': BUILDERS,
  'members.read': [],
  'members.write': [],
  'keys.read': [],
  'keys.write': [],
  'audit.read': ['approver'],
};

export const PERMISSIONS = Object.keys(HOLDERS) as readonly Permission[] as readonly [Permission, ...Permission[]];

export const permissionsOf = (role: Role): readonly Permission[] =>
  role === 'owner' ? PERMISSIONS : PERMISSIONS.filter((permission) => HOLDERS[permission].includes(role));

/** The role of a stored name; somebody whose role is not known may only read. */
export const roleNamed = (name: string): Role => ROLES.find((role) => role === name) ?? 'reader';
