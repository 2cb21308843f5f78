// Does a channel really deliver? One marked message to an address of one's own, and an honest answer where it went.
import { Alert, Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import type { ChannelLine } from '../../../../src/http/contract/channels.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { useWords } from './words.ts';

/** WeChat sends filed templates only; which one, a template of ours says. */
const BY_TEMPLATE = ['wechat_mini', 'wechat_service'];

type TestChannelProps = {
  readonly channel: string;
  /** Says which channel, where several stand together. */
  readonly isNamed?: boolean;
};

export function TestChannel({ channel: key, isNamed = false }: TestChannelProps) {
  const channels = useApi('GET /channels');
  const channel = channels.data?.channels.find((each) => each.channel === key);
  const [isOpen, setOpen] = useState(false);
  const say = useWords();
  const language = useLanguage();
  const mayTest = useMay()('reach.write');
  if (channel === undefined || !mayTest) return null;
  return (
    <>
      <Button
        size="small"
        className="reach-test"
        disabled={false}
        aria-label={say('test_label', { channel: channel.label[language] })}
        onClick={() => setOpen(true)}
      >
        {isNamed ? say('test_label', { channel: channel.label[language] }) : say('test')}
      </Button>
      {isOpen ? <TestModal channel={channel} close={() => setOpen(false)} /> : null}
    </>
  );
}

function TestModal({ channel, close }: { readonly channel: ChannelLine; readonly close: () => void }) {
  const say = useWords();
  const language = useLanguage();
  const [to, setTo] = useState('');
  const send = useAct('POST /channels/{channel}/test');
  const address = channel.channel === 'web_push' || channel.channel === 'app_push' ? 'device' : channel.address;
  const title = say('test_label', { channel: channel.label[language] });
  if (BY_TEMPLATE.includes(channel.channel))
    return (
      <Modal open title={title} onCancel={close} footer={null}>
        <p>
          {say('test_by_template')} <Link to="/templates">{say('to_templates')}</Link>
        </p>
      </Modal>
    );
  return (
    <Modal
      open
      title={title}
      onCancel={close}
      okText={say('test_send')}
      cancelText={say('test_close')}
      okButtonProps={{ loading: send.isPending, disabled: to.trim() === '' }}
      onOk={() => send.mutate({ params: { channel: channel.channel }, body: { to: to.trim(), lang: language } })}
    >
      <p className="muted">{say('test_text')}</p>
      <label htmlFor="test-channel-to">{say(`test_to_${address}`)}</label>
      <Input id="test-channel-to" value={to} onChange={(event) => setTo(event.target.value)} />
      {channel.provider === 'sink' ? (
        <Alert className="reach-after" type="info" showIcon title={say('test_sink_before')} />
      ) : null}
      {send.error === null ? null : <Alert className="reach-after" type="error" showIcon title={send.error.message} />}
      {send.data === undefined ? null : (
        <Alert
          className="reach-after"
          showIcon
          type={send.data.outcome.kind !== 'sent' ? 'error' : send.data.via === 'sink' ? 'warning' : 'success'}
          title={
            send.data.outcome.kind !== 'sent'
              ? say(`outcome_${send.data.outcome.kind}`)
              : send.data.via === 'sink'
                ? say('outcome_sunk')
                : say('outcome_sent', { via: send.data.via })
          }
          description={
            send.data.outcome.kind !== 'sent' ? (
              send.data.outcome.detail
            ) : send.data.via === 'sink' ? (
              <a href="/mailbox" target="_blank" rel="noreferrer">
                {say('mailbox')}
              </a>
            ) : (
              send.data.outcome.response
            )
          }
        />
      )}
    </Modal>
  );
}
