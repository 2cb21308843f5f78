// E-mail, password and, where the second factor is on, the code.
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { callApi } from '../api/client.ts';
import type { ApiProblem } from '../api/problem.ts';
import { useMutation } from '@tanstack/react-query';
import type { SignInOutcome } from '../../../src/http/contract/session.ts';
import { useShared } from '../words/language.ts';

type Fields = { readonly email: string; readonly password: string; readonly code?: string };

export function SignInForm({ email, onSignedIn }: { readonly email?: string; readonly onSignedIn: () => void }) {
  const say = useShared();
  const [needsCode, setNeedsCode] = useState(false);
  const signIn = useMutation<SignInOutcome, ApiProblem, Fields>({
    mutationFn: (body) => callApi('POST /session', { body }, { isSignIn: true }),
    onSuccess: ({ state }) => {
      if (state === 'signed_in') onSignedIn();
      else setNeedsCode(true);
    },
  });
  return (
    <Form<Fields>
      layout="vertical"
      requiredMark={false}
      initialValues={{ email }}
      onFinish={(fields) => signIn.mutate(fields)}
    >
      <Form.Item name="email" label={say('email')} rules={[{ required: true, type: 'email' }]}>
        <Input autoComplete="username" inputMode="email" readOnly={email !== undefined} />
      </Form.Item>
      <Form.Item name="password" label={say('password')} rules={[{ required: true }]}>
        <Input.Password autoComplete="current-password" autoFocus={email !== undefined} />
      </Form.Item>
      {needsCode ? (
        <Form.Item name="code" label={say('code')} help={say('code_help')} rules={[{ required: true }]}>
          <Input autoComplete="one-time-code" inputMode="numeric" autoFocus />
        </Form.Item>
      ) : null}
      {signIn.error === null ? null : (
        <Alert type="error" showIcon title={signIn.error.message} className="form-alert" />
      )}
      <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
        {say('sign_in')}
      </Button>
    </Form>
  );
}
