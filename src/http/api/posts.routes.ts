// Steering posts in public: plan, list, take back, and ask an account whether it would take one.
import type { App } from '../../app.ts';
import {
  cancelPost,
  listPostNetworks,
  listPosts,
  newPostSchema,
  planPost,
  testPostNetwork,
} from '../../reach/posts/posts.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const postEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/posts',
    need: 'reach.read',
    summary:
      'Posts on every network and what became of them, the latest first; and where posts can go, or whether an account stands still (`closed`) and why',
    run: async () => ({ posts: await listPosts(app.records.db), networks: await listPostNetworks(app.posts) }),
  }),
  endpoint({
    method: 'post',
    path: '/posts',
    need: 'reach.write',
    summary: 'Plans a post, now or later, in the language of each account; its id is yours, so that it is planned once',
    status: 201,
    body: newPostSchema,
    refusals: ['conflict'],
    run: ({ body }) => planPost(app.posts, body),
  }),
  endpoint({
    method: 'post',
    path: '/posts/{postId}/cancel',
    need: 'reach.write',
    summary: 'Takes back what of a post has not left',
    refusals: ['not_found', 'conflict'],
    run: ({ params }) => cancelPost(app.posts, params.postId),
  }),
  endpoint({
    method: 'post',
    path: '/posts/networks/{network}/test',
    need: 'reach.write',
    summary:
      'Asks the account of a network who we are there, without posting; a webhook gets a signed call that says it is a test',
    refusals: ['not_found', 'conflict'],
    run: async ({ params }) => ({ outcome: await testPostNetwork(app.posts, params.network) }),
  }),
];
