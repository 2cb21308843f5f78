// Writes the events of one happening or reaction: ids, times, who and from which device. `messageId`s number them within it.
import type { Resident } from './people.ts';
import type { JsonObject, ShopEvent } from './shop-event.ts';

const NONE: JsonObject = {};
const CONTEXTS: readonly JsonObject[] = [
  { library: { name: 'analytics.js', version: '2.11.1' }, device: { type: 'desktop' } },
  { library: { name: 'analytics-ios', version: '4.1.8' }, device: { type: 'ios' } },
  { library: { name: 'analytics-android', version: '4.11.0' }, device: { type: 'android' } },
];
const SERVER_CONTEXT: JsonObject = { library: { name: 'analytics-node', version: '2.1.3' } };
export type Scribe = {
  readonly events: ShopEvent[];
  readonly track: (
    atMs: number,
    event: string,
    properties: JsonObject,
    where?: 'site' | 'anonymous' | 'server',
  ) => void;
  readonly page: (atMs: number, name: string, path: string, where?: 'site' | 'anonymous') => void;
  readonly identify: (atMs: number, traits: JsonObject) => void;
};

/** `key` is unique among the happenings and reactions of the person. */
export function scribeFor(resident: Resident, key: string): Scribe {
  const { person } = resident;
  const events: ShopEvent[] = [];
  const device = CONTEXTS[person.index % CONTEXTS.length]!;
  const anonymousId = `a-${person.id}`;
  const push = (
    atMs: number,
    rest: Pick<ShopEvent, 'type' | 'event' | 'name' | 'properties' | 'traits'>,
    where: string,
  ) => {
    events.push({
      messageId: `${person.id}-${key}-${events.length}`,
      ...(where === 'anonymous' ? {} : { userId: person.id }),
      ...(where === 'server' ? {} : { anonymousId }),
      timestamp: new Date(Math.floor(atMs)),
      context: where === 'server' ? SERVER_CONTEXT : device,
      ...rest,
    });
  };
  return {
    events,
    track: (atMs, event, properties, where = 'site') =>
      push(atMs, { type: 'track', event, properties, traits: NONE }, where),
    page: (atMs, name, path, where = 'site') =>
      push(atMs, { type: 'page', name, properties: { path, title: name }, traits: NONE }, where),
    identify: (atMs, traits) => push(atMs, { type: 'identify', properties: NONE, traits }, 'site'),
  };
}
