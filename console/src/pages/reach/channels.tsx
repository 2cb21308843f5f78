// Which channels are set up, and with whom? The settings of the SMS provider; secrets go in and never come out.
import { Alert, App, Button, Form, Input, Select, Tag } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import type { SmsAnswer } from '../../../../src/http/contract/reach.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage, useShared } from '../../words/language.ts';
import { PlainTable } from './plain-table.tsx';
import { useWords } from './words.ts';

export function Channels() {
  const say = useWords();
  const language = useLanguage();
  const channels = useApi('GET /channels');
  const sms = useApi('GET /channels/sms');
  return (
    <>
      <Section
        title={say('channels')}
        text={say('channels_text')}
        actions={
          <a href="/mailbox" target="_blank" rel="noreferrer">
            {say('mailbox')}
          </a>
        }
      >
        <Loaded query={channels}>
          {(data) => (
            <PlainTable
              label={say('channels')}
              columns={[say('channel'), say('takes'), say('consent'), say('delivered_by')]}
              rows={data.channels.map((each) => ({
                key: each.channel,
                cells: [
                  each.label[language],
                  each.templateLabel[language],
                  say(`basis_${each.basis}`),
                  each.provider === 'sink' ? <Tag>{say('sink')}</Tag> : <Tag>{each.provider}</Tag>,
                ],
              }))}
            />
          )}
        </Loaded>
        <p className="reach-after">
          {say('test_hint')} <Link to="/templates">{say('to_templates')}</Link>
        </p>
      </Section>
      <Section title={say('sms')} text={say('sms_text')}>
        <Loaded query={sms}>{(data) => <SmsForm key={data.provider} answer={data} />}</Loaded>
      </Section>
    </>
  );
}

const PROVIDERS = ['aliyun', 'tencent', 'twilio'] as const;
type Provider = (typeof PROVIDERS)[number];
const FIELDS = {
  aliyun: ['keyId', 'keySecret', 'signature', 'optOut'],
  tencent: ['keyId', 'keySecret', 'appId', 'region', 'signature', 'optOut'],
  twilio: ['keyId', 'keySecret', 'from', 'signature', 'optOut'],
} as const satisfies Record<Provider, readonly string[]>;
const REQUIRED = new Set(['keyId', 'appId', 'from', 'signature']);

function SmsForm({ answer }: { readonly answer: SmsAnswer }) {
  const say = useWords();
  const shared = useShared();
  const { message } = App.useApp();
  const mayWrite = useMay()('business.write');
  const save = useAct('PUT /channels/sms', ['GET /channels', 'GET /channels/sms']);
  const set = PROVIDERS.find((name) => name === answer.provider);
  const [provider, setProvider] = useState<Provider | undefined>(set);
  const { keySecret: _hidden, ...settings } = answer.settings ?? {};
  return (
    <Form
      layout="vertical"
      disabled={!mayWrite}
      requiredMark="optional"
      initialValues={settings}
      autoComplete="off"
      onFinish={(fields: Record<string, string | undefined>) => {
        const given = Object.fromEntries(
          Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
        );
        const kept = provider === set ? settings : {};
        save.mutate(
          { body: { settings: { ...kept, ...given, provider } } },
          { onSuccess: () => void message.success(shared('saved')) },
        );
      }}
    >
      {answer.provider === 'sink' ? (
        <Alert type="info" showIcon className="form-alert" title={say('sms_sink')} />
      ) : null}
      {answer.provider === 'http' ? (
        <Alert type="info" showIcon className="form-alert" title={say('sms_http')} />
      ) : null}
      {answer.hookUrl === undefined ? null : (
        <p className="reach-hook">
          {say('sms_hook')} <code>{answer.hookUrl}</code>
        </p>
      )}
      <Form.Item label={say('sms_provider')} htmlFor="sms-provider">
        <Select
          id="sms-provider"
          value={provider ?? null}
          onChange={(next: Provider | null) => setProvider(next ?? undefined)}
          options={PROVIDERS.map((name) => ({ value: name, label: say(`provider_${name}`) }))}
        />
      </Form.Item>
      {provider === undefined ? null : (
        <div className="reach-fields">
          {FIELDS[provider].map((name) => (
            <Form.Item
              key={name}
              name={name}
              label={say(`sms_${name}`)}
              rules={[{ required: REQUIRED.has(name) || (name === 'keySecret' && provider !== set) }]}
              {...(name === 'keySecret' && provider === set ? { extra: say('secret_kept') } : {})}
            >
              {name === 'keySecret' ? <Input.Password autoComplete="new-password" /> : <Input />}
            </Form.Item>
          ))}
        </div>
      )}
      {save.error === null ? null : <Alert type="error" showIcon className="form-alert" title={save.error.message} />}
      {mayWrite && provider !== undefined ? (
        <p className="reach-actions">
          <Button type="primary" htmlType="submit" loading={save.isPending}>
            {shared('save')}
          </Button>
          {set === undefined ? null : (
            <Button onClick={() => save.mutate({ body: { settings: null } })}>{say('sms_forget')}</Button>
          )}
        </p>
      ) : null}
    </Form>
  );
}
