// What appears in public, when, and did it? Posts planned for WeCom Moments, Mastodon, Bluesky and a signed webhook, with what became of each.
import { Alert, Button, Checkbox, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Operations } from '../../../../src/http/contract/operations.ts';
import type { PostNetworkRow, PostRow, PostState } from '../../../../src/http/contract/posts.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { ToneTag } from '../../frame/tone-tag.tsx';
import { useBusiness, useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { Closed } from './closed.tsx';
import { PlainTable } from './plain-table.tsx';
import { instantAtWall, wallTime } from './wall-time.ts';
import { useWords } from './words.ts';

/** A planned post leaves within a minute of its time. */
const LOOK_AGAIN_MS = 5_000;

export function Posts() {
  const say = useWords();
  const mayWrite = useMay()('reach.write');
  const posts = useApi('GET /posts', {}, { refetchEveryMs: LOOK_AGAIN_MS });
  const [isNew, setNew] = useState(false);
  return (
    <>
      <Section title={say('post_networks')} text={say('post_networks_text')}>
        <Loaded query={posts}>{({ networks }) => <Networks networks={networks} />}</Loaded>
      </Section>
      <Section
        title={say('place_posts')}
        text={say('posts_text')}
        actions={
          mayWrite ? (
            <Button type="primary" disabled={posts.data === undefined} onClick={() => setNew(true)}>
              {say('post_new')}
            </Button>
          ) : undefined
        }
      >
        <Loaded
          query={posts}
          empty={{
            when: (data) => data.posts.length === 0,
            show: <Empty title={say('posts_none')} text={say('posts_none_text')} />,
          }}
        >
          {({ posts: rows, networks }) => <PostTable posts={rows} networks={networks} />}
        </Loaded>
      </Section>
      {isNew && posts.data !== undefined ? (
        <NewPost networks={posts.data.networks} close={() => setNew(false)} />
      ) : null}
    </>
  );
}

function Networks({ networks }: { readonly networks: readonly PostNetworkRow[] }) {
  const say = useWords();
  const language = useLanguage();
  const format = useFormat();
  const mayTest = useMay()('reach.write');
  return (
    <PlainTable
      label={say('post_networks')}
      columns={[
        say('network'),
        say('account'),
        say('post_language'),
        say('post_length'),
        ...(mayTest ? [say('test')] : []),
      ]}
      rows={networks.map((each) => ({
        key: each.network,
        cells: [
          each.label[language],
          each.closed !== null ? (
            <Closed key="closed" closed={each.closed} />
          ) : each.isConnected ? (
            <ToneTag key="on" tone="good">
              {say('connected')}
            </ToneTag>
          ) : (
            <Link key="off" to={each.connection === 'wecom' ? '/reach/accounts#wechat' : '/reach/accounts#posts'}>
              {say('set_up_now')}
            </Link>
          ),
          say(`post_in_${each.language}`),
          format.count(each.lengthMax),
          ...(mayTest ? [<TestNetwork key="test" network={each} />] : []),
        ],
      }))}
    />
  );
}

function TestNetwork({ network }: { readonly network: PostNetworkRow }) {
  const say = useWords();
  const language = useLanguage();
  const test = useAct('POST /posts/networks/{network}/test', ['GET /posts', 'GET /connections']);
  const outcome = test.data?.outcome;
  return (
    <span className="reach-actions" role="status">
      <Button
        size="small"
        disabled={!network.isConnected}
        loading={test.isPending}
        aria-label={say('test_label', { channel: network.label[language] })}
        onClick={() => test.mutate({ params: { network: network.network } })}
      >
        {say('test')}
      </Button>
      {test.error === null ? null : <span>{test.error.message}</span>}
      {outcome === undefined ? null : outcome.kind === 'sent' ? (
        <ToneTag tone="good">{say('post_test_good', { account: outcome.response })}</ToneTag>
      ) : (
        <>
          <ToneTag tone="bad">{say(`outcome_${outcome.kind}`)}</ToneTag>
          <span className="muted">{outcome.detail}</span>
        </>
      )}
    </span>
  );
}

const TONES = {
  planned: undefined,
  sending: undefined,
  sent: 'good',
  failed: 'bad',
  unknown: 'warn',
  cancelled: undefined,
} as const satisfies Record<PostState, 'good' | 'warn' | 'bad' | undefined>;

function PostTable({
  posts,
  networks,
}: {
  readonly posts: readonly PostRow[];
  readonly networks: readonly PostNetworkRow[];
}) {
  const say = useWords();
  const language = useLanguage();
  const format = useFormat();
  const mayWrite = useMay()('reach.write');
  const cancel = useAct('POST /posts/{postId}/cancel', ['GET /posts']);
  const waiting = new Set(posts.filter(({ state }) => state === 'planned').map(({ postId }) => postId));
  const isFirst = (post: PostRow, at: number): boolean =>
    waiting.has(post.postId) && posts.findIndex(({ postId }) => postId === post.postId) === at;
  return (
    <>
      {cancel.error === null ? null : (
        <Alert type="error" showIcon className="form-alert" title={cancel.error.message} />
      )}
      <PlainTable
        label={say('place_posts')}
        columns={[
          say('post_when'),
          say('network'),
          say('post_words'),
          say('state'),
          say('result'),
          say('post_take_back'),
        ]}
        rows={posts.map((post, at) => {
          const network = networks.find((each) => each.network === post.network);
          const tone = TONES[post.state];
          const isHeld = post.state === 'planned' && network?.isConnected === false;
          return {
            key: `${post.postId} ${post.network}`,
            cells: [
              format.instant(post.finishedAt ?? post.dueAt),
              network?.label[language] ?? post.network,
              <span key="words" className="reach-words">
                {post.text}
                {post.url === null ? null : (
                  <>
                    <br />
                    <span className="muted">{post.url}</span>
                  </>
                )}
              </span>,
              tone === undefined ? (
                say(`post_${post.state}`)
              ) : (
                <ToneTag key="state" tone={tone}>
                  {say(`post_${post.state}`)}
                </ToneTag>
              ),
              isHeld
                ? say('post_held')
                : post.state === 'sent'
                  ? (post.providerId ?? '')
                  : [post.code, post.detail].filter((each) => each !== null && each !== '').join(': '),
              mayWrite && isFirst(post, at) ? (
                <ConfirmButton
                  key="cancel"
                  size="small"
                  label={say('post_take_back')}
                  question={say('post_take_back_question')}
                  text={say('post_take_back_text')}
                  loading={cancel.isPending}
                  onConfirm={() => cancel.mutate({ params: { postId: post.postId } })}
                />
              ) : null,
            ],
          };
        })}
      />
    </>
  );
}

type Fields = {
  readonly networks: string[];
  readonly en?: string;
  readonly zh?: string;
  readonly url?: string;
  readonly dueAt?: string;
};
type NewPostBody = Operations['POST /posts']['body'];

/** What a reader counts: a flag or a family is one; the link stands in a line of its own. */
const lengthOf = (text: string, url: string): number => {
  const count = (each: string): number => [...new Intl.Segmenter().segment(each)].length;
  return count(text) + (url === '' ? 0 : 1 + count(url));
};

function NewPost({ networks, close }: { readonly networks: readonly PostNetworkRow[]; readonly close: () => void }) {
  const say = useWords();
  const language = useLanguage();
  const { timeZone } = useBusiness();
  const [form] = Form.useForm<Fields>();
  const plan = useAct('POST /posts', ['GET /posts']);
  // The same however often the button is pressed, so that one post is planned once.
  const [postId] = useState(() => `post-${Date.now().toString(36)}`);
  const chosen = (Form.useWatch('networks', form) as string[] | undefined) ?? [];
  const en = ((Form.useWatch('en', form) as string | undefined) ?? '').trim();
  const zh = ((Form.useWatch('zh', form) as string | undefined) ?? '').trim();
  const url = ((Form.useWatch('url', form) as string | undefined) ?? '').trim();
  const fits = networks
    .filter(({ network }) => chosen.includes(network))
    .map((each) => {
      const [own, other] = each.language === 'en' ? [en, zh] : [zh, en];
      const text = own === '' ? other : own;
      return { ...each, length: lengthOf(text, url), isOther: own === '' && other !== '' };
    });
  const isTooLong = fits.some(({ length, lengthMax }) => length > lengthMax);
  const finish = (fields: Fields): void => {
    const dueAt = fields.dueAt === undefined ? undefined : instantAtWall(fields.dueAt, timeZone);
    const body: NewPostBody = {
      postId,
      networks: fields.networks,
      text: { ...(en === '' ? {} : { en }), ...(zh === '' ? {} : { zh }) },
      ...(url === '' ? {} : { url }),
      ...(dueAt === undefined ? {} : { dueAt: dueAt.toISOString() }),
    };
    plan.mutate({ body }, { onSuccess: close });
  };
  return (
    <Modal
      open
      width={640}
      title={say('post_new')}
      onCancel={close}
      okText={say('post_plan')}
      cancelText={say('test_close')}
      okButtonProps={{ loading: plan.isPending, disabled: isTooLong }}
      onOk={() => form.submit()}
    >
      <Form<Fields> form={form} layout="vertical" requiredMark="optional" onFinish={finish}>
        <Form.Item
          name="networks"
          label={say('post_where')}
          rules={[{ required: true, message: say('post_where_none') }]}
        >
          <Checkbox.Group
            options={networks.map((each) => ({
              value: each.network,
              label: each.isConnected ? each.label[language] : say('post_off', { network: each.label[language] }),
            }))}
          />
        </Form.Item>
        <Form.Item
          name="zh"
          label={say('post_zh')}
          rules={[
            { validator: () => (en + zh === '' ? Promise.reject(new Error(say('post_no_words'))) : Promise.resolve()) },
          ]}
        >
          <Input.TextArea rows={3} lang="zh" />
        </Form.Item>
        <Form.Item name="en" label={say('post_en')}>
          <Input.TextArea rows={3} lang="en" />
        </Form.Item>
        <Form.Item name="url" label={say('post_link')} rules={[{ type: 'url', message: say('post_link_wrong') }]}>
          <Input inputMode="url" />
        </Form.Item>
        <Form.Item name="dueAt" label={say('post_at')} extra={say('post_at_text', { zone: timeZone })}>
          <Input type="datetime-local" min={wallTime(new Date(), timeZone)} />
        </Form.Item>
      </Form>
      <ul className="reach-fits" role="status">
        {fits.map(({ network, label, length, lengthMax, isOther, language: own }) => (
          <li key={network}>
            {label[language]}: <span className="tabular">{`${length} / ${lengthMax}`}</span>{' '}
            {length > lengthMax ? <ToneTag tone="bad">{say('post_too_long')}</ToneTag> : null}
            {isOther ? <span className="muted">{say(`post_other_${own}`)}</span> : null}
          </li>
        ))}
      </ul>
      {plan.error === null ? null : <Alert type="error" showIcon title={plan.error.message} />}
    </Modal>
  );
}
