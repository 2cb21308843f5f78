// Who works here: members with their roles, and those who are invited.
import { Alert, App, Button, Form, Input, Select, Space, Typography } from 'antd';
import type { Role } from '../../../../src/http/contract/permissions.ts';
import type { Invitation, LetterFate, MemberRow } from '../../../../src/http/contract/accounts.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMe } from '../../session/session.tsx';
import { useLanguage, useShared } from '../../words/language.ts';
import { WideTable } from '../../table/wide-table.tsx';
import { useWords } from './words.ts';

const ROLES: readonly Role[] = ['owner', 'marketer', 'approver', 'analyst', 'support', 'reader'];
type InviteFields = { readonly email: string; readonly role: Role };

export function Members() {
  const say = useWords();
  const members = useApi('GET /members');
  return (
    <>
      <Section title={say('invite')} text={say('invite_text')}>
        <Invite />
      </Section>
      <Section title={say('place_members')}>
        <Loaded query={members}>
          {(data) => (
            <>
              <MemberTable members={data.members} />
              {data.invitations.length === 0 ? null : <Invitations invitations={data.invitations} />}
            </>
          )}
        </Loaded>
      </Section>
    </>
  );
}

function useRoles() {
  const shared = useShared();
  const say = useWords();
  return ROLES.map((role) => ({ value: role, label: shared(`role_${role}`), title: say(`role_${role}_text`) }));
}

function Invite() {
  const say = useWords();
  const shared = useShared();
  const language = useLanguage();
  const roles = useRoles();
  const [form] = Form.useForm<InviteFields>();
  const role = Form.useWatch('role', form) ?? 'marketer';
  const invite = useAct('POST /members/invitations', ['GET /members']);
  return (
    <>
      <Form<InviteFields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: 'marketer' }}
        className="row-form"
        onFinish={(fields) =>
          invite.mutate({ body: { ...fields, language } }, { onSuccess: () => form.resetFields(['email']) })
        }
      >
        <Form.Item name="email" label={shared('email')} rules={[{ required: true, type: 'email' }]} className="grow">
          <Input inputMode="email" autoComplete="off" />
        </Form.Item>
        <Form.Item name="role" label={say('role')} extra={say(`role_${role}_text`)} className="grow">
          <Select options={roles} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={invite.isPending}>
          {say('invite_send')}
        </Button>
      </Form>
      {invite.error === null ? null : <Alert type="error" showIcon title={invite.error.message} />}
      {invite.data === undefined ? null : <LinkMade {...invite.data} />}
    </>
  );
}

/** A link that is shown this once, and how it reaches whom it is for. */
function LinkMade({ link, mailed }: { readonly link: string; readonly mailed: LetterFate }) {
  const say = useWords();
  return (
    <Alert
      type={mailed === 'sent' ? 'success' : 'warning'}
      showIcon
      className="spaced"
      title={say(`letter_${mailed}`)}
      description={<Typography.Text copyable={{ text: link }}>{link}</Typography.Text>}
    />
  );
}

function MemberTable({ members }: { readonly members: readonly MemberRow[] }) {
  const say = useWords();
  const shared = useShared();
  const format = useFormat();
  const me = useMe();
  const roles = useRoles();
  const language = useLanguage();
  const { message, modal } = App.useApp();
  const change = useAct('PATCH /members/{memberId}', ['GET /members', 'GET /session']);
  const reset = useAct('POST /members/{memberId}/reset', []);
  const remove = useAct('DELETE /members/{memberId}', ['GET /members']);
  const told = { onError: (error: Error) => void message.error(error.message) };
  return (
    <WideTable<MemberRow>
      label={say('place_members')}
      rowKey="memberId"
      dataSource={[...members]}
      pagination={false}
      columns={[
        {
          key: 'name',
          title: say('member'),
          render: (_, member) => (
            <>
              <b>{member.name}</b>
              <br />
              <span className="muted">{member.email}</span>
            </>
          ),
        },
        {
          key: 'role',
          title: say('role'),
          render: (_, member) => (
            <Select
              aria-label={`${say('role')}: ${member.name}`}
              value={member.role}
              options={roles}
              className="role"
              onChange={(role: Role) => change.mutate({ params: { memberId: member.memberId }, body: { role } }, told)}
            />
          ),
        },
        {
          key: 'second',
          title: say('second_factor'),
          render: (_, member) => (member.hasSecondFactor ? say('on') : say('off')),
        },
        {
          key: 'seen',
          title: say('seen'),
          render: (_, member) => (member.seenAt === null ? '–' : format.instant(member.seenAt)),
        },
        {
          key: 'act',
          title: <span className="visually-hidden">{say('remove')}</span>,
          align: 'right',
          render: (_, member) =>
            member.memberId === me.memberId ? (
              <span className="muted">{shared('account')}</span>
            ) : (
              <Space wrap>
                <ConfirmButton
                  size="small"
                  label={say('reset_link')}
                  question={say('reset_ask', { name: member.name })}
                  text={say('reset_text')}
                  onConfirm={() =>
                    reset.mutate(
                      { params: { memberId: member.memberId }, body: { language } },
                      {
                        ...told,
                        onSuccess: (made) =>
                          void modal.info({
                            title: say('reset_made', { name: member.name }),
                            width: 560,
                            content: <LinkMade {...made} />,
                          }),
                      },
                    )
                  }
                />
                <ConfirmButton
                  size="small"
                  label={say('remove')}
                  question={say('remove_ask', { name: member.name })}
                  text={say('remove_text')}
                  onConfirm={() => remove.mutate({ params: { memberId: member.memberId } }, told)}
                />
              </Space>
            ),
        },
      ]}
    />
  );
}

function Invitations({ invitations }: { readonly invitations: readonly Invitation[] }) {
  const say = useWords();
  const shared = useShared();
  const format = useFormat();
  const withdraw = useAct('DELETE /members/invitations/{linkId}', ['GET /members']);
  return (
    <>
      <h3 className="sub">{say('invited')}</h3>
      <ul className="plain-list">
        {invitations.map(({ linkId, email, role, expiresAt }) => (
          <li key={linkId}>
            <span className="grow">
              {email} <span className="muted">{role === null ? '' : shared(`role_${role}`)}</span>
              <br />
              <span className="muted">{say('good_until', { when: format.instant(expiresAt) })}</span>
            </span>
            <Button size="small" onClick={() => withdraw.mutate({ params: { linkId } })}>
              {say('withdraw')}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
