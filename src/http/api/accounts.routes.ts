// Accounts over the API: setting up, signing in and out, invitations, resets, one's own account.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { sameText } from '../../kernel/hash.ts';
import { newId } from '../../kernel/ids.ts';
import { sendLetter } from '../../reach/channels/email/letter.ts';
import type { Caller } from '../access/caller.ts';
import { invitationLetter, resetLetter, type LetterWords } from '../access/letters.ts';
import { makeLink, openInvitations, readLink, takeLink, withdrawInvitation } from '../access/links.service.ts';
import { changeRole, endSessions, listMembers, openSessionsOf, removeMember } from '../access/members.service.ts';
import { ROLES } from '../access/permissions.ts';
import { countAttempt, forgive } from '../access/sign-in-guard.sql.ts';
import { readAudit } from '../access/audit.service.ts';
import type { LetterFate } from '../contract/accounts.ts';
import type { SessionState } from '../contract/session.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const email = z.email().max(254);
const password = z.string().min(1).max(200);
const lang = z.enum(['en', 'zh']).default('en');
const token = z.string().min(20).max(100);
const name = z.string().trim().min(1).max(100);
const done = { done: true } as const;

/** An answer that sets cookies. */
function withCookies(answer: object, cookies: readonly string[]): Response {
  const response = Response.json(answer);
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie);
  return response;
}

type SignedIn = Extract<Caller, { kind: 'member' }>;
/** `need: 'member'` has seen to it that it is one. */
const memberIn = (caller: Caller): SignedIn => {
  if (caller.kind !== 'member') throw new RekindleError('forbidden');
  return caller;
};

export const accountEndpoints = (app: App): readonly Endpoint[] => {
  const { db } = app.records;
  const { accounts } = app;
  const now = app.clock.now;
  const linkTo = (path: string, secret: string): string => `${app.business.publicUrl}/console/${path}#${secret}`;

  /** What became of a letter: the link can also be handed over by hand, and must be where nothing leaves the house. */
  const mail = async (to: string, words: LetterWords): Promise<LetterFate> => {
    const { brand, fromAddress } = app.business;
    const date = now();
    const from = { name: brand, address: fromAddress };
    const isTaken = await sendLetter(app.mail.channel, { from, to, ...words, date, messageId: newId('msg', date) });
    if (!isTaken) return 'refused';
    return app.mailIsPreview() ? 'preview' : 'sent';
  };

  const outline = () => {
    const { brand, currency, timeZone, defaultLanguage } = app.business;
    return { brand, currency, timeZone, defaultLanguage };
  };

  return [
    endpoint({
      method: 'get',
      path: '/session',
      need: 'none',
      summary: 'Whether somebody is signed in, as whom, and for which business',
      run: async ({ caller }): Promise<SessionState> => {
        switch (caller.kind) {
          case 'nobody':
            return (await accounts.isEmpty())
              ? { state: 'new', needsToken: app.setupToken !== undefined }
              : { state: 'signed_out', brand: app.business.brand, singleSignOn: accounts.singleSignOnName };
          case 'key': {
            const { permissions } = caller;
            const me = { memberId: null, name: 'API', email: '', role: 'owner', permissions } as const;
            return { state: 'signed_in', me, business: outline() };
          }
          case 'member': {
            const { kind: _kind, ...me } = caller;
            return { state: 'signed_in', me, business: outline() };
          }
        }
      },
    }),
    endpoint({
      method: 'post',
      path: '/session',
      need: 'none',
      summary: 'Signs in; with the second factor on, the password alone answers `code_needed`',
      body: z.strictObject({ email, password, code: z.string().max(40).optional() }),
      refusals: ['credentials_wrong', 'busy'],
      run: async ({ body, visitor }) => {
        await countAttempt(db, body.email, visitor.address, now());
        const { state, cookies } = await accounts.signIn(visitor, body);
        await forgive(db, body.email, visitor.address);
        return withCookies({ state }, cookies);
      },
    }),
    endpoint({
      method: 'delete',
      path: '/session',
      need: 'none',
      summary: 'Signs out',
      run: async ({ visitor }) => withCookies({ state: 'signed_out' }, await accounts.signOut(visitor)),
    }),
    endpoint({
      method: 'post',
      path: '/session/link',
      need: 'none',
      summary: 'Signs in by a link that is good once',
      body: z.strictObject({ token }),
      refusals: ['link_spent'],
      run: async ({ body, visitor }) => {
        const link = await takeLink(db, 'sign_in', body.token, now());
        const account = await db.selectFrom('accounts').select('id').where('email', '=', link.email).executeTakeFirst();
        if (account === undefined) throw new RekindleError('link_spent');
        return withCookies(done, await accounts.openSession(visitor, account.id));
      },
    }),
    endpoint({
      method: 'post',
      path: '/session/single-sign-on',
      need: 'none',
      summary: 'Where to sign in with the identity provider',
      refusals: ['not_found'],
      run: async ({ visitor }) => {
        if (accounts.singleSignOnName === null)
          throw new RekindleError('not_found', { what: { en: 'identity provider', zh: '身份提供方' } });
        const { url, cookies } = await accounts.singleSignOn(visitor);
        return withCookies({ url }, cookies);
      },
    }),
    endpoint({
      method: 'post',
      path: '/setup',
      need: 'none',
      summary: 'Makes the first account, an owner, where there is none yet',
      body: z.strictObject({ name, email, password, language: lang, token: z.string().max(200).optional() }),
      refusals: ['conflict', 'setup_token_wrong'],
      run: async ({ body: { token: given, ...body }, visitor }) => {
        if (!(await accounts.isEmpty()))
          throw new RekindleError('conflict', {
            what: { en: 'This installation already has an owner', zh: '本系统已有所有者' },
          });
        if (app.setupToken !== undefined && !sameText((given ?? '').trim(), app.setupToken))
          throw new RekindleError('setup_token_wrong');
        await accounts.createMember({ ...body, role: 'owner', isFounder: true });
        await app.changeBusiness({ defaultLanguage: body.language });
        const { cookies } = await accounts.signIn(visitor, body);
        return withCookies(done, cookies);
      },
    }),
    endpoint({
      method: 'post',
      path: '/invitations/look',
      need: 'none',
      summary: 'What an invitation is for',
      body: z.strictObject({ token }),
      refusals: ['link_spent'],
      run: async ({ body }) => {
        const link = await readLink(db, 'invitation', body.token, now());
        return { email: link.email, role: link.role ?? 'reader', brand: app.business.brand };
      },
    }),
    endpoint({
      method: 'post',
      path: '/invitations/accept',
      need: 'none',
      summary: 'Makes the account an invitation is for, and signs in',
      body: z.strictObject({ token, name, password: z.string().min(10).max(128) }),
      refusals: ['link_spent', 'conflict'],
      run: async ({ body, visitor }) => {
        const link = await takeLink(db, 'invitation', body.token, now());
        const member = { email: link.email, name: body.name, password: body.password };
        await accounts.createMember({ ...member, role: link.role ?? 'reader', isFounder: false });
        const { cookies } = await accounts.signIn(visitor, member);
        return withCookies(done, cookies);
      },
    }),
    endpoint({
      method: 'post',
      path: '/password/forgotten',
      need: 'none',
      summary: 'Mails a link for a new password, if there is such an account; the answer does not say',
      body: z.strictObject({ email, language: lang }),
      refusals: ['busy'],
      run: async ({ body, visitor }) => {
        await countAttempt(db, `reset:${body.email}`, visitor.address, now());
        const account = await db
          .selectFrom('accounts')
          .select('email')
          .where('email', '=', body.email.toLowerCase())
          .executeTakeFirst();
        if (account !== undefined) {
          const link = await makeLink(db, { kind: 'reset', email: account.email, createdBy: '' }, now());
          await mail(account.email, resetLetter(body.language, app.business.brand, linkTo('reset', link.token)));
        }
        return done;
      },
    }),
    endpoint({
      method: 'post',
      path: '/password/reset',
      need: 'none',
      summary: 'Sets a new password by a reset link, and ends every session of the account',
      body: z.strictObject({ token, password: z.string().min(10).max(128) }),
      refusals: ['link_spent'],
      run: async ({ body, visitor }) => {
        const link = await takeLink(db, 'reset', body.token, now());
        const account = await db.selectFrom('accounts').select('id').where('email', '=', link.email).executeTakeFirst();
        if (account === undefined) throw new RekindleError('link_spent');
        await accounts.replacePassword(account.id, body.password);
        await forgive(db, link.email, visitor.address);
        return done;
      },
    }),
    endpoint({
      method: 'get',
      path: '/account',
      need: 'member',
      summary: 'One’s own account and where it is signed in',
      run: async ({ caller, visitor }) => {
        const me = memberIn(caller);
        const found = await accounts.memberOf(visitor);
        const [member] = (await listMembers(db)).filter(({ memberId }) => memberId === me.memberId);
        const sessions = await openSessionsOf(db, me.memberId);
        return {
          name: me.name,
          email: me.email,
          role: me.role,
          hasSecondFactor: member?.hasSecondFactor ?? false,
          sessions: sessions.map((session) => ({ ...session, isThis: session.sessionId === found?.sessionId })),
        };
      },
    }),
    endpoint({
      method: 'post',
      path: '/account/password',
      need: 'member',
      summary: 'Changes one’s own password and ends all other sessions',
      body: z.strictObject({ currentPassword: password, newPassword: z.string().min(10).max(128) }),
      refusals: ['credentials_wrong', 'busy'],
      run: async ({ body, caller, visitor }) => {
        const me = memberIn(caller);
        await countAttempt(db, me.email, visitor.address, now());
        const cookies = await accounts.changePassword(visitor, body.currentPassword, body.newPassword);
        await forgive(db, me.email, visitor.address);
        return withCookies(done, cookies);
      },
    }),
    endpoint({
      method: 'post',
      path: '/account/second-factor',
      need: 'member',
      summary: 'Begins the second factor: what the authenticator app needs, and the backup codes',
      body: z.strictObject({ password }),
      refusals: ['credentials_wrong'],
      run: ({ body, visitor }) => accounts.beginSecondFactor(visitor, body.password),
    }),
    endpoint({
      method: 'post',
      path: '/account/second-factor/confirm',
      need: 'member',
      summary: 'Turns the second factor on, once a code shows that the app works',
      body: z.strictObject({ code: z.string().min(6).max(20) }),
      refusals: ['credentials_wrong'],
      run: async ({ body, visitor }) => withCookies(done, await accounts.confirmSecondFactor(visitor, body.code)),
    }),
    endpoint({
      method: 'post',
      path: '/account/second-factor/end',
      need: 'member',
      summary: 'Turns the second factor off',
      body: z.strictObject({ password }),
      refusals: ['credentials_wrong'],
      run: async ({ body, visitor }) => withCookies(done, await accounts.endSecondFactor(visitor, body.password)),
    }),
    endpoint({
      method: 'delete',
      path: '/account/sessions/{sessionId}',
      need: 'member',
      summary: 'Ends one of one’s own sessions',
      refusals: ['not_found'],
      run: async ({ params, caller }) => {
        const ended = await endSessions(db, memberIn(caller).memberId, { sessionId: params.sessionId });
        if (ended === 0)
          throw new RekindleError('not_found', {
            what: { en: `session ${params.sessionId}`, zh: `会话 ${params.sessionId}` },
          });
        return { ended };
      },
    }),
    endpoint({
      method: 'delete',
      path: '/account/sessions',
      need: 'member',
      summary: 'Ends all of one’s own sessions but this one',
      run: async ({ caller, visitor }) => {
        const found = await accounts.memberOf(visitor);
        return { ended: await endSessions(db, memberIn(caller).memberId, { allBut: found?.sessionId ?? '' }) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/members',
      need: 'members.read',
      summary: 'Who works here, and who is invited',
      run: async () => ({ members: await listMembers(db), invitations: await openInvitations(db, now()) }),
    }),
    endpoint({
      method: 'post',
      path: '/members/invitations',
      need: 'members.write',
      summary: 'Invites somebody: the link is mailed, and shown this once',
      status: 201,
      body: z.strictObject({ email, role: z.enum(ROLES), language: lang }),
      refusals: ['conflict'],
      run: async ({ body, caller }) => {
        const known = await db
          .selectFrom('accounts')
          .select('id')
          .where('email', '=', body.email.toLowerCase())
          .executeTakeFirst();
        if (known !== undefined)
          throw new RekindleError('conflict', { what: { en: 'There already is such an account', zh: '已有该账号' } });
        const by = caller.kind === 'member' ? caller.name : app.business.brand;
        const createdBy = caller.kind === 'member' ? caller.memberId : '';
        const { linkId, token } = await makeLink(
          db,
          { kind: 'invitation', email: body.email, role: body.role, createdBy },
          now(),
        );
        const link = linkTo('join', token);
        const mailed = await mail(body.email, invitationLetter(body.language, app.business.brand, by, link));
        return { linkId, link, mailed };
      },
    }),
    endpoint({
      method: 'post',
      path: '/members/{memberId}/reset',
      need: 'members.write',
      summary: 'Makes a member a link for a new password: it is mailed, and shown this once',
      status: 201,
      body: z.strictObject({ language: lang }),
      refusals: ['not_found'],
      run: async ({ params, body, caller }) => {
        const account = await db
          .selectFrom('accounts')
          .select('email')
          .where('id', '=', params.memberId)
          .executeTakeFirst();
        if (account === undefined)
          throw new RekindleError('not_found', {
            what: { en: `member ${params.memberId}`, zh: `成员 ${params.memberId}` },
          });
        const createdBy = caller.kind === 'member' ? caller.memberId : '';
        const { token } = await makeLink(db, { kind: 'reset', email: account.email, createdBy }, now());
        const link = linkTo('reset', token);
        const mailed = await mail(account.email, resetLetter(body.language, app.business.brand, link));
        return { link, mailed };
      },
    }),
    endpoint({
      method: 'delete',
      path: '/members/invitations/{linkId}',
      need: 'members.write',
      summary: 'Withdraws an invitation',
      refusals: ['not_found'],
      run: async ({ params }) => {
        await withdrawInvitation(db, params.linkId, now());
        return done;
      },
    }),
    endpoint({
      method: 'patch',
      path: '/members/{memberId}',
      need: 'members.write',
      summary: 'Gives a member another role, in force with her next request',
      body: z.strictObject({ role: z.enum(ROLES) }),
      refusals: ['not_found', 'conflict'],
      run: async ({ params, body }) => {
        await changeRole(db, params.memberId, body.role, now());
        return done;
      },
    }),
    endpoint({
      method: 'delete',
      path: '/members/{memberId}',
      need: 'members.write',
      summary: 'Removes a member and ends her sessions',
      refusals: ['not_found', 'conflict'],
      run: async ({ params }) => {
        await removeMember(db, params.memberId);
        return done;
      },
    }),
    endpoint({
      method: 'get',
      path: '/audit',
      need: 'audit.read',
      summary: 'Who changed what, the newest first',
      query: z.strictObject({
        beforeId: z.coerce.number().int().min(1).optional(),
        actorId: z.string().max(100).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      run: async ({ query }) => ({
        entries: await readAudit(db, { beforeId: query.beforeId, actorId: query.actorId, limit: query.limit }),
      }),
    }),
  ];
};
