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
      {send.data === undefined ? null : <Outcome outcome={send.data.outcome} isSunk={channel?.provider === 'sink'} />}
    </Modal>
  );
}

type OutcomeProps = { readonly outcome: TestOutcome; readonly isSunk: boolean };

function Outcome({ outcome, isSunk }: OutcomeProps) {
  const say = useWords();
  if (outcome.kind === 'sent' && (isSunk || outcome.providerId.startsWith('sink:')))
    return (
      <Alert
        className="templates-after"
        type="warning"
        showIcon
        title={say('outcome_sunk')}
        description={
          <a href="/mailbox" target="_blank" rel="noreferrer">
            {say('mailbox')}
          </a>
        }
      />
    );
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

/** The same from the list: a saved template as it stands, in the first of its languages that is the console's, or in the other. */
export function TestSaved({ templateId, close }: { readonly templateId: string; readonly close: () => void }) {
  const language = useLanguage();
  const saved = useApi('GET /templates/{templateId}', { params: { templateId } });
  if (saved.data === undefined) return null;
  const { template } = saved.data;
  const other = language === 'en' ? 'zh' : 'en';
  return (
    <TestSend
      template={template}
      lang={template.versions[language] === undefined ? other : language}
      variant="personal"
      close={close}
    />
  );
}
