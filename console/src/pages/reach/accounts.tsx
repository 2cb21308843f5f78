// With whom outside are we connected? SMS, push, WeChat, webhooks, social networks and ad networks, one card each.
import { Alert, Select, Tag } from 'antd';
import { useEffect, useState } from 'react';
import { useLocation } from 'react-router';
import type { ConnectionLine } from '../../../../src/http/contract/connections.ts';
import { useAct, useApi, useVersioned } from '../../api/queries.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useLanguage } from '../../words/language.ts';
import { AccountForm } from './account-form.tsx';
import { CONNECTION_FIELDS, SMS_FIELDS } from './account-fields.ts';
import { TestChannel } from './test-channel.tsx';
import { Closed } from './closed.tsx';
import { useWords } from './words.ts';

const GROUPS = [
  { group: 'push', connections: ['fcm', 'apns'], tests: ['app_push', 'web_push'] },
  { group: 'wechat', connections: ['wechat_mini', 'wechat_service', 'wecom'], tests: ['wecom'] },
  { group: 'webhook', connections: ['webhook'], tests: ['webhook'] },
  { group: 'posts', connections: ['mastodon', 'bluesky', 'post_webhook'], tests: [] },
  { group: 'ads', connections: ['meta', 'google', 'tiktok', 'oceanengine', 'tencent_ads'], tests: [] },
] as const;

export function Accounts() {
  const say = useWords();
  const connections = useApi('GET /connections');
  const { hash } = useLocation();
  const isThere = connections.data !== undefined;
  useEffect(() => {
    if (isThere && hash !== '') document.querySelector(hash)?.scrollIntoView();
  }, [hash, isThere]);
  return (
    <>
      <div id="sms">
        <Sms />
      </div>
      <Loaded query={connections} rows={8}>
        {(data) => (
          <>
            {GROUPS.map(({ group, connections: keys, tests }) => (
              <div key={group} id={group}>
                <Section
                  title={say(`group_${group}`)}
                  text={say(`group_${group}_text`)}
                  actions={
                    tests.length === 0 ? undefined : (
                      <span className="reach-actions">
                        {tests.map((channel) => (
                          <TestChannel key={channel} channel={channel} isNamed />
                        ))}
                      </span>
                    )
                  }
                >
                  {keys.map((key) => {
                    const found = data.connections.find(({ connection }) => connection === key);
                    return found === undefined ? null : <Connection key={key} line={found} />;
                  })}
                </Section>
              </div>
            ))}
          </>
        )}
      </Loaded>
    </>
  );
}

/** Closed while nobody is interested: fourteen open forms are none. */
function Connection({ line }: { readonly line: ConnectionLine }) {
  const say = useWords();
  const language = useLanguage();
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="reach-account" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {line.label[language]} <Tag>{say(line.settings === null ? 'not_connected' : 'connected')}</Tag>
        {line.closed === null ? null : <Closed closed={line.closed} />}
      </summary>
      {isOpen ? <ConnectionForm connection={line.connection} /> : null}
    </details>
  );
}

function ConnectionForm({ connection }: { readonly connection: string }) {
  const say = useWords();
  const account = useVersioned('GET /connections/{connection}', { params: { connection } });
  const save = useAct('PUT /connections/{connection}', [
    'GET /connections',
    'GET /connections/{connection}',
    'GET /channels',
    'GET /audiences',
    'GET /posts',
    'GET /programmes/{programmeId}/start-check',
  ]);
  return (
    <Loaded query={account}>
      {({ value, version }) => (
        <>
          {value.hookUrl === null ? null : (
            <p className="reach-hook">
              {say('hook')} <code>{value.hookUrl}</code>
            </p>
          )}
          <AccountForm
            id={connection}
            fields={CONNECTION_FIELDS[connection] ?? []}
            account={value}
            version={version}
            save={{
              put: (settings, ifMatch, onSaved) =>
                save.mutate(
                  {
                    params: { connection },
                    body: { settings },
                    ...(ifMatch === undefined ? {} : { ifMatch }),
                  },
                  { onSuccess: onSaved },
                ),
              error: save.error,
              isPending: save.isPending,
              reload: () => {
                save.reset();
                void account.refetch();
              },
            }}
          />
        </>
      )}
    </Loaded>
  );
}

const PROVIDERS = ['aliyun', 'tencent', 'twilio', 'http'] as const;
/** What the request of a gateway may mention, told as it is written. */
const SLOTS = Object.fromEntries(
  ['to', 'national', 'text', 'messageId', 'signature', 'secret'].map((name) => [name, `{{${name}}}`]),
);
const NOTHING = { settings: null, secretsSince: {}, source: 'none' } as const;
type Provider = (typeof PROVIDERS)[number];

function Sms() {
  const say = useWords();
  const account = useVersioned('GET /channels/sms');
  const save = useAct('PUT /channels/sms', [
    'GET /channels',
    'GET /channels/sms',
    'GET /programmes/{programmeId}/start-check',
  ]);
  const [chosen, choose] = useState<Provider>();
  return (
    <Section title={say('sms')} text={say('sms_text')} actions={<TestChannel channel="sms" />}>
      <Loaded query={account}>
        {({ value, version }) => {
          const set = PROVIDERS.find((name) => name === value.provider);
          const provider = chosen ?? set;
          return (
            <>
              {value.provider === 'sink' ? (
                <Alert type="info" showIcon className="form-alert" title={say('sms_sink')} />
              ) : null}
              {value.hookUrl === undefined ? null : (
                <p className="reach-hook">
                  {say('sms_hook')} <code>{value.hookUrl}</code>
                </p>
              )}
              <div className="reach-choice">
                <label htmlFor="sms-provider">{say('sms_provider')}</label>
                <Select
                  id="sms-provider"
                  className="reach-filter"
                  value={provider ?? null}
                  onChange={(next: Provider | null) => choose(next ?? undefined)}
                  options={PROVIDERS.map((name) => ({ value: name, label: say(`provider_${name}`) }))}
                />
              </div>
              {provider === 'http' ? <p className="muted reach-hook">{say('http_text', SLOTS)}</p> : null}
              {provider === undefined ? null : (
                <AccountForm
                  key={provider}
                  id="sms"
                  fields={SMS_FIELDS[provider]}
                  fixed={{ provider }}
                  account={provider === set ? value : NOTHING}
                  version={version}
                  save={{
                    put: (settings, ifMatch, onSaved) =>
                      save.mutate(
                        {
                          body: { settings },
                          ...(ifMatch === undefined ? {} : { ifMatch }),
                        },
                        { onSuccess: onSaved },
                      ),
                    error: save.error,
                    isPending: save.isPending,
                    reload: () => {
                      save.reset();
                      void account.refetch();
                    },
                  }}
                />
              )}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}
