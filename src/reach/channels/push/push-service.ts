// Is this the address of a push service? Subscriptions come from browsers, with a key that everybody can read; without this list anybody could
// make the server send requests to wherever it can reach.
const HOSTS = [
  'fcm.googleapis.com',
  'android.googleapis.com',
  'updates.push.services.mozilla.com',
  'push.services.mozilla.com',
  'web.push.apple.com',
];
const DOMAINS = ['.push.apple.com', '.notify.windows.com', '.push.services.mozilla.com'];

/** https, the standard port, and a host of Google, Mozilla, Apple or Microsoft: every browser in use subscribes at one of them. */
export function isPushService(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, username, password } = new URL(address);
  if (protocol !== 'https:' || username !== '' || password !== '') return false;
  return HOSTS.includes(host) || DOMAINS.some((domain) => host.endsWith(domain));
}
