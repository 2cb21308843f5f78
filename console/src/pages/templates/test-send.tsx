// One marked test to an address of one's own.
import { Alert, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import type { TemplateBody, TemplateVariant, TestOutcome } from '../../../../src/http/contract/templates.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useLanguage, type Language } from '../../words/language.ts';
import { useWords } from './words.ts';

type TestSendProps = {
  readonly template: TemplateBody;
  readonly lang: Language;
  readonly variant: TemplateVariant;
  readonly close: () => void;
};

export function TestSend({ template, lang, variant, close }: TestSendProps) {
  const say = useWords();
  const language = useLanguage();
  const channels = useApi('GET /channels');
  const send = useAct('POST /templates/test-send');
  const fitting = (channels.data?.channels ?? []).filter((channel) => channel.template === template.kind);
  const [chosen, choose] = useState<string>();
  const [to, setTo] = useState('');
  const channel = fitting.find((each) => each.channel === chosen) ?? fitting[0];
  return (
    <Modal
      open
      title={say('test_title')}
      onCancel={close}
      okText={say('test_send')}
      cancelText={say('test_close')}
      okButtonProps={{ loading: send.isPending, disabled: channel === undefined || to.trim() === '' }}
      onOk={() =>
        send.mutate({
          body: {
            template: { ...template, key: template.key === '' ? 'new' : template.key },
            lang,
            variant,
            channel: channel?.channel ?? '',
            to: to.trim(),
          },
        })
      }
    >
      <p className="muted">{say('test_text')}</p>
      {fitting.length < 2 ? null : (
        <div className="templates-field">
          <label htmlFor="test-channel">{say('test_channel')}</label>
          <Select
            id="test-channel"
            className="templates-full"
            value={channel?.channel ?? null}
            onChange={(value: string | null) => choose(value ?? undefined)}
            options={fitting.map((each) => ({ value: each.channel, label: each.label[language] }))}
          />
        </div>
      )}
      <div className="templates-field">
        <label htmlFor="test-to">{say(`test_to_${channel?.address ?? 'email'}`)}</label>
        <Input id="test-to" value={to} onChange={(event) => setTo(event.target.value)} />
      </div>
      {channel?.provider === 'sink' ? (
        <Alert className="templates-after" type="info" showIcon title={say('test_sink')} />
      ) : null}
      {send.error === null ? null : (
        <Alert className="templates-after" type="error" showIcon title={send.error.message} />
      )}
      {send.data === undefined ? null : <Outcome outcome={send.data.outcome} />}
    </Modal>
  );
}

function Outcome({ outcome }: { readonly outcome: TestOutcome }) {
  const say = useWords();
  return (
    <Alert
      className="templates-after"
      type={outcome.kind === 'sent' ? 'success' : 'error'}
      showIcon
      title={say(`outcome_${outcome.kind}`)}
      {...(outcome.kind === 'sent' ? {} : { description: outcome.detail })}
    />
  );
}
