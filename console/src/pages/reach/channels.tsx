// Which channels are there, who delivers them, and does it work?
import { Tag } from 'antd';
import { Link } from 'react-router';
import { useApi } from '../../api/queries.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useLanguage } from '../../words/language.ts';
import { PlainTable } from './plain-table.tsx';
import { TestChannel } from './test-channel.tsx';
import { useWords } from './words.ts';

/** Where each channel is set up. What our own product shows needs nobody. */
const SET_UP: Readonly<Record<string, string>> = {
  email: '/reach/email',
  sms: '/reach/accounts#sms',
  app_push: '/reach/accounts#push',
  wechat_mini: '/reach/accounts#wechat',
  wechat_service: '/reach/accounts#wechat',
  wecom: '/reach/accounts#wechat',
  webhook: '/reach/accounts#webhook',
};

export function Channels() {
  const say = useWords();
  const language = useLanguage();
  const channels = useApi('GET /channels');
  return (
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
            columns={[say('channel'), say('takes'), say('consent'), say('delivered_by'), say('set_up'), say('test')]}
            rows={data.channels.map((each) => ({
              key: each.channel,
              cells: [
                each.label[language],
                each.templateLabel[language],
                say(`basis_${each.basis}`),
                each.closed !== null ? (
                  <span key="closed">
                    <Tag color="error">{say('closed')}</Tag>
                    {each.closed.detail}
                  </span>
                ) : each.provider === 'sink' ? (
                  <Tag>{say('sink')}</Tag>
                ) : each.provider === 'inbox' ? (
                  say('own_inbox')
                ) : each.provider === 'webpush' ? (
                  say('own_web_push')
                ) : (
                  each.provider
                ),
                SET_UP[each.channel] === undefined ? (
                  ''
                ) : (
                  <Link key="set-up" to={SET_UP[each.channel] ?? ''}>
                    {say(each.provider === 'sink' ? 'set_up_now' : 'set_up_change')}
                  </Link>
                ),
                <TestChannel key="test" channel={each.channel} />,
              ],
            }))}
          />
        )}
      </Loaded>
    </Section>
  );
}
