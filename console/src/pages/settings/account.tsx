// One's own account: the password, the second factor, and where it is signed in.
import { Alert, App, Button, Form, Input, QRCode, Typography } from 'antd';
import { useState } from 'react';
import type { AccountOperations } from '../../../../src/http/contract/accounts.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useShared } from '../../words/language.ts';
import { useWords } from './words.ts';

type Own = AccountOperations['GET /account']['answer'];

export function Account() {
  const say = useWords();
  const account = useApi('GET /account');
  return (
    <Loaded query={account}>
      {(own) => (
        <div className="columns">
          <Section title={say('password_change')} text={own.email}>
            <Password />
          </Section>
          <Section title={say('second_factor')} text={say('second_factor_text')}>
            <SecondFactor isOn={own.hasSecondFactor} />
          </Section>
          <Section title={say('sessions')} text={say('sessions_text')}>
            <Sessions sessions={own.sessions} />
          </Section>
        </div>
      )}
    </Loaded>
  );
}

type PasswordFields = { readonly currentPassword: string; readonly newPassword: string };

function Password() {
  const say = useWords();
  const shared = useShared();
  const { message } = App.useApp();
  const [form] = Form.useForm<PasswordFields>();
  const change = useAct('POST /account/password', ['GET /account']);
  return (
    <Form<PasswordFields>
      form={form}
      layout="vertical"
      requiredMark={false}
      onFinish={(body) =>
        change.mutate(
          { body },
          {
            onSuccess: () => {
              form.resetFields();
              void message.success(shared('saved'));
            },
          },
        )
      }
    >
      <Form.Item name="currentPassword" label={say('password_current')} rules={[{ required: true }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item name="newPassword" label={say('password_new')} rules={[{ required: true, min: 10, max: 128 }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      {change.error === null ? null : (
        <Alert type="error" showIcon className="form-alert" title={change.error.message} />
      )}
      <Button htmlType="submit" loading={change.isPending}>
        {say('password_change')}
      </Button>
    </Form>
  );
}

function SecondFactor({ isOn }: { readonly isOn: boolean }) {
  const say = useWords();
  const shared = useShared();
  const begin = useAct('POST /account/second-factor');
  const confirm = useAct('POST /account/second-factor/confirm', ['GET /account', 'GET /members']);
  const end = useAct('POST /account/second-factor/end', ['GET /account', 'GET /members']);
  const [begun, setBegun] = useState(false);
  const error = begin.error ?? confirm.error ?? end.error;
  const trouble = error === null ? null : <Alert type="error" showIcon className="form-alert" title={error.message} />;
  if (begun && begin.data !== undefined && !isOn) {
    const secret = new URL(begin.data.uri).searchParams.get('secret') ?? '';
    return (
      <Form<{ code: string }> layout="vertical" requiredMark={false} onFinish={(body) => confirm.mutate({ body })}>
        <div className="factor">
          {/* Whoever cannot see it types the key beside it. */}
          <div aria-hidden="true">
            <QRCode value={begin.data.uri} type="svg" size={168} bordered={false} bgColor="#ffffff" color="#26201a" />
          </div>
          <div>
            <p>{say('second_factor_scan')}</p>
            <Typography.Text copyable code>
              {secret}
            </Typography.Text>
          </div>
        </div>
        <p>{say('backup_codes')}</p>
        <Typography.Paragraph copyable={{ text: begin.data.backupCodes.join('\n') }} className="codes">
          {begin.data.backupCodes.join('\n')}
        </Typography.Paragraph>
        <Form.Item name="code" label={shared('code')} rules={[{ required: true }]}>
          <Input autoComplete="one-time-code" inputMode="numeric" />
        </Form.Item>
        {trouble}
        <Button type="primary" htmlType="submit" loading={confirm.isPending}>
          {say('second_factor_on')}
        </Button>
      </Form>
    );
  }
  return (
    <Form<{ password: string }>
      layout="vertical"
      requiredMark={false}
      onFinish={(body) => {
        if (isOn) end.mutate({ body });
        else begin.mutate({ body }, { onSuccess: () => setBegun(true) });
      }}
    >
      <p className="factor-state">{isOn ? say('second_factor_is_on') : say('second_factor_is_off')}</p>
      <Form.Item name="password" label={shared('password')} rules={[{ required: true }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      {trouble}
      <Button htmlType="submit" danger={isOn} loading={begin.isPending || end.isPending}>
        {isOn ? say('second_factor_off') : say('second_factor_begin')}
      </Button>
    </Form>
  );
}

/** `Mozilla/5.0 (…) Chrome/141.0 …` → Chrome. */
const browserOf = (userAgent: string): string =>
  /(Edg|OPR|Firefox|HeadlessChrome|Chrome|Safari)\//
    .exec(userAgent)?.[1]
    ?.replace('Edg', 'Edge')
    .replace('OPR', 'Opera') ?? userAgent.slice(0, 24);

function Sessions({ sessions }: Pick<Own, 'sessions'>) {
  const say = useWords();
  const format = useFormat();
  const endOne = useAct('DELETE /account/sessions/{sessionId}', ['GET /account']);
  const endOthers = useAct('DELETE /account/sessions', ['GET /account']);
  return (
    <>
      <ul className="plain-list">
        {sessions.map(({ sessionId, userAgent, address, seenAt, isThis }) => (
          <li key={sessionId}>
            <span className="grow">
              {browserOf(userAgent)} <span className="muted">{address}</span>
              <br />
              <span className="muted">{isThis ? say('this_session') : format.instant(seenAt)}</span>
            </span>
            {isThis ? null : (
              <Button size="small" onClick={() => endOne.mutate({ params: { sessionId } })}>
                {say('end')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {sessions.length > 1 ? (
        <Button loading={endOthers.isPending} onClick={() => endOthers.mutate({})}>
          {say('end_others')}
        </Button>
      ) : null}
    </>
  );
}
