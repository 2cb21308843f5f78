// The session ended while she worked: she signs in over the page, and what was on its way goes on.
import { Button, Modal } from 'antd';
import { settleSignIn } from '../api/session-ended.ts';
import { useShared } from '../words/language.ts';
import { useMe } from './session.tsx';
import { SignInForm } from './sign-in-form.tsx';

export function SignInAgain() {
  const say = useShared();
  const me = useMe();
  return (
    <Modal
      open
      title={say('session_ended')}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      footer={null}
      width={420}
      destroyOnHidden
    >
      <p className="muted">{say('session_ended_text')}</p>
      <SignInForm email={me.email} onSignedIn={() => settleSignIn('signed_in')} />
      <Button
        type="link"
        block
        onClick={() => {
          settleSignIn('gave_up');
          location.assign('/console/');
        }}
      >
        {say('session_give_up')}
      </Button>
    </Modal>
  );
}
