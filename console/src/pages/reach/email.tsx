// Who hands mail over, would the big mailboxes take it, and how much may leave today?
import { Alert, Select } from 'antd';
import { useState } from 'react';
import { useAct, useVersioned } from '../../api/queries.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { AccountForm } from './account-form.tsx';
import { MAIL_FIELDS } from './account-fields.ts';
import { Guard } from './guard.tsx';
import { Preflight } from './preflight.tsx';
import { TestChannel } from './test-channel.tsx';
import { useWords } from './words.ts';

const PROVIDERS = ['smtp', 'ses', 'sendgrid', 'mailgun', 'postmark'] as const;
type Provider = (typeof PROVIDERS)[number];
const NOTHING = { settings: null, secretsSince: {}, source: 'none' } as const;

export function Email() {
  return (
    <>
      <Provider />
      <Preflight />
      <Guard />
    </>
  );
}

function Provider() {
  const say = useWords();
  const account = useVersioned('GET /channels/email');
  const save = useAct('PUT /channels/email', [
    'GET /channels',
    'GET /channels/email',
    'GET /reach/preflight',
    'GET /reach/guard',
    'GET /overview',
    'GET /programmes/{programmeId}/start-check',
  ]);
  const [chosen, choose] = useState<Provider>();
  return (
    <Section title={say('mail')} text={say('mail_text')} actions={<TestChannel channel="email" />}>
      <Loaded query={account}>
        {({ value, version }) => {
          const hasSettings = value.settings !== undefined;
          const set = hasSettings ? PROVIDERS.find((name) => name === value.provider) : undefined;
          const provider = chosen ?? set;
          return (
            <>
              {value.provider === 'sink' ? (
                <Alert
                  type="info"
                  showIcon
                  className="form-alert"
                  title={say('mail_sink')}
                  action={
                    <a href="/mailbox" target="_blank" rel="noreferrer">
                      {say('mailbox')}
                    </a>
                  }
                />
              ) : hasSettings ? null : (
                <Alert type="info" showIcon className="form-alert" title={say('mail_environment')} />
              )}
              <p className="reach-hook">{say('mail_from', { from: value.from })}</p>
              {value.hookUrl === undefined ? null : (
                <p className="reach-hook">
                  {say('mail_hook')} <code>{value.hookUrl}</code>
                </p>
              )}
              <div className="reach-choice">
                <label htmlFor="mail-provider">{say('mail_provider')}</label>
                <Select
                  id="mail-provider"
                  className="reach-filter"
                  value={provider ?? null}
                  onChange={(next: Provider | null) => choose(next ?? undefined)}
                  options={PROVIDERS.map((name) => ({ value: name, label: say(`mail_${name}`) }))}
                />
              </div>
              {provider === undefined ? null : (
                <AccountForm
                  key={provider}
                  id="mail"
                  fields={MAIL_FIELDS[provider]}
                  fixed={{ provider }}
                  account={provider === set ? value : NOTHING}
                  version={version}
                  save={{
                    put: (settings, ifMatch, onSaved) =>
                      save.mutate(
                        { body: { settings }, ...(ifMatch === undefined ? {} : { ifMatch }) },
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
              <h3 className="reach-after">{say('dkim')}</h3>
              {value.dkim.length === 0 ? (
                <p className="muted">{say('dkim_none')}</p>
              ) : (
                value.dkim.map(({ domain, selector, record }) => (
                  <div key={`${selector}.${domain}`} className="reach-hook">
                    <p>{say('dkim_key', { domain, selector })}</p>
                    <code>{`${selector}._domainkey.${domain} TXT ${record}`}</code>
                  </div>
                ))
              )}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}
