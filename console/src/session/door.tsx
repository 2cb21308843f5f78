// What somebody sees who is not signed in: the first set-up, signing in, an invitation, a new password.
import { Alert, Button, Form, Input } from 'antd';
import { useEffect, useState, type ReactNode } from 'react';
import { Link, Route, Routes, useNavigate } from 'react-router';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { SessionState } from '../../../src/http/contract/session.ts';
import { callApi } from '../api/client.ts';
import type { ApiProblem } from '../api/problem.ts';
import { queryClient } from '../api/queries.ts';
import { Failed, Loading } from '../frame/states.tsx';
import { Wordmark } from '../frame/wordmark.tsx';
import { changeLanguage, useLanguage, useShared } from '../words/language.ts';
import { SignInForm } from './sign-in-form.tsx';
import { useWords } from './words.ts';
import './door.css';

type Outside = Exclude<SessionState, { state: 'signed_in' }>;

const PASSWORD_CHARACTERS_MIN = 10;

/** Reads a link's token from behind the `#`, which no server and no log ever sees. */
const tokenOf = (): string => location.hash.slice(1);

/** Asks anew who is signed in, at the front door. */
function useEnter(): () => void {
  const navigate = useNavigate();
  return () => {
    void navigate('/', { replace: true });
    void queryClient.invalidateQueries({ queryKey: ['GET /session'] });
  };
}

export function Door({ session }: { readonly session: Outside }) {
  const say = useWords();
  const language = useLanguage();
  const name = useShared()('app');
  useEffect(() => {
    document.title = name;
  }, [name]);
  return (
    <div className="door">
      <header className="door-top">
        <Wordmark />
        <Button
          type="text"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => changeLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          {language === 'zh' ? LANGUAGE_NAMES.en : LANGUAGE_NAMES.zh}
        </Button>
      </header>
      <main className="door-main">
        <Routes>
          <Route path="/join" element={<Join />} />
          <Route path="/reset" element={<Reset />} />
          <Route path="/enter" element={<Enter />} />
          <Route path="/forgotten" element={<Forgotten />} />
          <Route
            path="*"
            element={session.state === 'new' ? <SetUp needsToken={session.needsToken} /> : <SignIn session={session} />}
          />
        </Routes>
      </main>
      <p className="door-foot muted">{say('foot')}</p>
    </div>
  );
}

const LANGUAGE_NAMES = { en: 'English', zh: '中文' } as const;

function Card({
  title,
  text,
  children,
}: {
  readonly title: string;
  readonly text?: string;
  readonly children: ReactNode;
}) {
  return (
    <div className="door-card">
      <div>
        <h1>{title}</h1>
        {text === undefined ? null : <p className="muted door-text">{text}</p>}
      </div>
      {children}
    </div>
  );
}

function SignIn({ session }: { readonly session: Extract<Outside, { state: 'signed_out' }> }) {
  const say = useWords();
  const enter = useEnter();
  const provider = useMutation<{ readonly url: string }, ApiProblem>({
    mutationFn: () => callApi('POST /session/single-sign-on', undefined, { isSignIn: true }),
    onSuccess: ({ url }) => location.assign(url),
  });
  return (
    <Card title={say('welcome_back', { brand: session.brand })}>
      {new URLSearchParams(location.search).has('refused') ? (
        <Alert type="warning" showIcon title={say('provider_refused')} />
      ) : null}
      <SignInForm onSignedIn={enter} />
      {session.singleSignOn === null ? null : (
        <Button block loading={provider.isPending} onClick={() => provider.mutate()}>
          {say('with_provider', { name: session.singleSignOn })}
        </Button>
      )}
      <Link to="/forgotten">{say('forgotten')}</Link>
    </Card>
  );
}

function PasswordItem() {
  const say = useWords();
  const shared = useShared();
  return (
    <Form.Item
      name="password"
      label={shared('password')}
      extra={say('password_help', { n: PASSWORD_CHARACTERS_MIN })}
      rules={[{ required: true, min: PASSWORD_CHARACTERS_MIN, max: 128 }]}
    >
      <Input.Password autoComplete="new-password" />
    </Form.Item>
  );
}

type AccountFields = { readonly name: string; readonly email: string; readonly password: string };

function SetUp({ needsToken }: { readonly needsToken: boolean }) {
  const say = useWords();
  const shared = useShared();
  const language = useLanguage();
  const enter = useEnter();
  const setUp = useMutation<unknown, ApiProblem, AccountFields & { readonly token?: string }>({
    mutationFn: (body) => callApi('POST /setup', { body: { ...body, language } }, { isSignIn: true }),
    onSuccess: enter,
  });
  return (
    <Card title={say('welcome')} text={say('welcome_text')}>
      <Form<AccountFields & { readonly token?: string }>
        layout="vertical"
        requiredMark={false}
        onFinish={(fields) => setUp.mutate(fields)}
      >
        {needsToken ? (
          <Form.Item name="token" label={say('token')} extra={say('token_help')} rules={[{ required: true, max: 200 }]}>
            <Input autoComplete="off" spellCheck={false} />
          </Form.Item>
        ) : null}
        <Form.Item name="name" label={say('your_name')} rules={[{ required: true, max: 100 }]}>
          <Input autoComplete="name" autoFocus />
        </Form.Item>
        <Form.Item name="email" label={shared('email')} rules={[{ required: true, type: 'email' }]}>
          <Input autoComplete="username" inputMode="email" />
        </Form.Item>
        <PasswordItem />
        <Trouble error={setUp.error} />
        <Button type="primary" htmlType="submit" block loading={setUp.isPending}>
          {say('create')}
        </Button>
      </Form>
    </Card>
  );
}

function Join() {
  const say = useWords();
  const shared = useShared();
  const enter = useEnter();
  const [token] = useState(tokenOf);
  const look = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => callApi('POST /invitations/look', { body: { token } }, { isSignIn: true }),
    retry: false,
  });
  const join = useMutation<unknown, ApiProblem, Pick<AccountFields, 'name' | 'password'>>({
    mutationFn: (fields) => callApi('POST /invitations/accept', { body: { token, ...fields } }, { isSignIn: true }),
    onSuccess: enter,
  });
  if (look.isPending) return <Loading />;
  if (look.isError)
    return (
      <Card title={say('join_spent')} text={look.error.message}>
        <Link to="/">{say('to_sign_in')}</Link>
      </Card>
    );
  const { brand, email, role } = look.data;
  return (
    <Card title={say('join', { brand })} text={say('join_text', { email, role: shared(`role_${role}`) })}>
      <Form<Pick<AccountFields, 'name' | 'password'>>
        layout="vertical"
        requiredMark={false}
        onFinish={(fields) => join.mutate(fields)}
      >
        <Form.Item name="name" label={say('your_name')} rules={[{ required: true, max: 100 }]}>
          <Input autoComplete="name" autoFocus />
        </Form.Item>
        <PasswordItem />
        <Trouble error={join.error} />
        <Button type="primary" htmlType="submit" block loading={join.isPending}>
          {say('create')}
        </Button>
      </Form>
    </Card>
  );
}

function Forgotten() {
  const say = useWords();
  const shared = useShared();
  const language = useLanguage();
  const ask = useMutation<unknown, ApiProblem, { readonly email: string }>({
    mutationFn: ({ email }) => callApi('POST /password/forgotten', { body: { email, language } }, { isSignIn: true }),
  });
  return (
    <Card title={say('forgotten')} text={ask.isSuccess ? say('forgotten_sent') : say('forgotten_text')}>
      {ask.isSuccess ? null : (
        <Form<{ email: string }> layout="vertical" requiredMark={false} onFinish={(fields) => ask.mutate(fields)}>
          <Form.Item name="email" label={shared('email')} rules={[{ required: true, type: 'email' }]}>
            <Input autoComplete="username" inputMode="email" autoFocus />
          </Form.Item>
          <Trouble error={ask.error} />
          <Button type="primary" htmlType="submit" block loading={ask.isPending}>
            {say('forgotten_send')}
          </Button>
        </Form>
      )}
      <Link to="/">{say('to_sign_in')}</Link>
    </Card>
  );
}

function Reset() {
  const say = useWords();
  const [token] = useState(tokenOf);
  const reset = useMutation<unknown, ApiProblem, Pick<AccountFields, 'password'>>({
    mutationFn: ({ password }) => callApi('POST /password/reset', { body: { token, password } }, { isSignIn: true }),
  });
  return (
    <Card title={say('reset')} {...(reset.isSuccess ? { text: say('reset_done') } : {})}>
      {reset.isSuccess ? null : (
        <Form<Pick<AccountFields, 'password'>>
          layout="vertical"
          requiredMark={false}
          onFinish={(fields) => reset.mutate(fields)}
        >
          <PasswordItem />
          <Trouble error={reset.error} />
          <Button type="primary" htmlType="submit" block loading={reset.isPending}>
            {say('reset')}
          </Button>
        </Form>
      )}
      <Link to="/">{say('to_sign_in')}</Link>
    </Card>
  );
}

/** A first sign-in by the link that the command line printed. */
function Enter() {
  const enter = useEnter();
  const [token] = useState(tokenOf);
  const use = useQuery({
    queryKey: ['enter', token],
    queryFn: async () => {
      const done = await callApi('POST /session/link', { body: { token } }, { isSignIn: true });
      enter();
      return done;
    },
    retry: false,
    staleTime: Infinity,
  });
  return use.isError ? <SpentEnter message={use.error.message} /> : <Loading />;
}

function SpentEnter({ message }: { readonly message: string }) {
  const say = useWords();
  return (
    <Card title={say('join_spent')} text={message}>
      <Link to="/">{say('to_sign_in')}</Link>
    </Card>
  );
}

function Trouble({ error }: { readonly error: ApiProblem | null }) {
  if (error === null) return null;
  return error.code === 'offline' ? (
    <Failed error={error} />
  ) : (
    <Alert type="error" showIcon title={error.message} className="form-alert" />
  );
}
