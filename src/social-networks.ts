// Ad networks whose audiences follow our segments, and networks that posts go to, each by the account that is set for it.
import type { Business } from './kernel/business.ts';
import { newId, newSecret } from './kernel/ids.ts';
import type { ReachRules } from './reach/arbiter/rules.ts';
import { wecomApi } from './reach/channels/wechat/wechat-channels.ts';
import type { ConnectionKey } from './reach/connections/connections.ts';
import { builtFrom, type Connections } from './reach/connections/connections.service.ts';
import type { AudienceContext } from './reach/audiences/audiences.service.ts';
import { brakedNetwork } from './reach/audiences/braked-network.ts';
import type { AudienceNetwork, NetworkKey } from './reach/audiences/network.ts';
import { googleAudiences } from './reach/audiences/networks/google.ts';
import { metaAudiences } from './reach/audiences/networks/meta.ts';
import { oceanengineAudiences } from './reach/audiences/networks/oceanengine.ts';
import { tencentAudiences } from './reach/audiences/networks/tencent-ads.ts';
import { tiktokAudiences } from './reach/audiences/networks/tiktok.ts';
import {
  blueskyPosts,
  mastodonPosts,
  momentsFates,
  momentsPosts,
  webhookPosts,
  POST_NETWORKS,
  type PostNetworkKey,
} from './reach/posts/post-networks.ts';
import { postAccount, type PostAccount } from './reach/posts/braked-account.ts';
import { blueskyCheck, mastodonCheck, momentsCheck, webhookCheck } from './reach/posts/post-accounts.ts';
import { sharedBrake } from './reach/channels/shared-brake.sql.ts';
import { closureNotes } from './reach/messages/closures.service.ts';
import type { PostContext } from './reach/posts/posts.service.ts';
import { segmentPeople, type SegmentContext } from './understand/segments/questions.service.ts';
import { recoveredPeople } from './understand/dormancy/states.sql.ts';
import { questionOf, showSegment } from './understand/segments/segments.service.ts';
import type { Stores } from './open-stores.ts';

export function openSocial(setup: {
  readonly stores: Stores;
  readonly rules: ReachRules;
  readonly connections: Connections;
  readonly segments: SegmentContext;
  readonly business: Business;
  readonly now: () => Date;
}): { readonly audiences: AudienceContext; readonly posts: PostContext } {
  const { stores, rules, connections, segments, business, now } = setup;
  const { records, events } = stores;
  const note = closureNotes(records.db);
  /** What one worker meets at an account is heeded by all of the store. */
  const behind = (account: ConnectionKey, settings: unknown) => ({
    now,
    shared: sharedBrake(records.db, { account, settings, now }),
  });
  const networks: Readonly<Record<NetworkKey, () => AudienceNetwork | undefined>> = {
    meta: builtFrom(connections, 'meta', (given) => brakedNetwork(metaAudiences(given, now), behind('meta', given))),
    google: builtFrom(connections, 'google', (given) =>
      brakedNetwork(googleAudiences(given, now), behind('google', given)),
    ),
    tiktok: builtFrom(connections, 'tiktok', (given) =>
      brakedNetwork(tiktokAudiences(given, now), behind('tiktok', given)),
    ),
    oceanengine: builtFrom(connections, 'oceanengine', (given) =>
      brakedNetwork(oceanengineAudiences(given, now), behind('oceanengine', given)),
    ),
    tencent_ads: builtFrom(connections, 'tencent_ads', (given) =>
      brakedNetwork(tencentAudiences(given, { now, nonce: () => newSecret(16) }), behind('tencent_ads', given)),
    ),
  };
  const audiences: AudienceContext = {
    db: records.db,
    rules,
    network: (key) => networks[key](),
    note,
    segmentPeople: async function* (segmentId) {
      yield* segmentPeople(segments, questionOf(await showSegment(records.db, segmentId)), now());
    },
    recovered: () => recoveredPeople(events),
    now,
  };
  const postAccounts: Readonly<Record<PostNetworkKey, () => PostAccount | undefined>> = {
    wecom_moments: builtFrom(connections, 'wecom', (given) => {
      const api = wecomApi(given, { now });
      return postAccount(momentsPosts(api, given), momentsCheck(api, now), behind('wecom', given), momentsFates(api));
    }),
    mastodon: builtFrom(connections, 'mastodon', (given) =>
      postAccount(mastodonPosts(given, now), mastodonCheck(given, now), behind('mastodon', given)),
    ),
    bluesky: builtFrom(connections, 'bluesky', (given) =>
      postAccount(blueskyPosts(given, now), blueskyCheck(given, now), behind('bluesky', given)),
    ),
    webhook: builtFrom(connections, 'post_webhook', (given) =>
      postAccount(
        webhookPosts(given, { source: () => business.publicUrl, now }),
        webhookCheck(given, { source: () => business.publicUrl, now, newId: () => newId('test', now()) }),
        behind('post_webhook', given),
      ),
    ),
  };
  const posts: PostContext = {
    db: records.db,
    account: (key) => postAccounts[key](),
    note,
    language: (key) => {
      const { connection } = POST_NETWORKS[key];
      return connections.of(connection)?.language ?? business.defaultLanguage;
    },
    now,
  };
  return { audiences, posts };
}
