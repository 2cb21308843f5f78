// Above every page: which business this is, the language, the appearance, the account.
import { CheckOutlined, DownOutlined, MenuOutlined, MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Button, Dropdown, type MenuProps } from 'antd';
import { useNavigate } from 'react-router';
import { useBusiness, useMe } from '../session/session.tsx';
import { useSignOut } from '../session/sign-out.ts';
import { useTheme, type ThemeChoice } from '../theme/theme-choice.tsx';
import { changeLanguage, useLanguage, useShared } from '../words/language.ts';

const CHOICES: readonly ThemeChoice[] = ['light', 'dark', 'system'];

export function Header({ onMenu }: { readonly onMenu: () => void }) {
  const say = useShared();
  const language = useLanguage();
  const theme = useTheme();
  const me = useMe();
  const business = useBusiness();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const themes: MenuProps['items'] = CHOICES.map((choice) => ({
    key: choice,
    label: say(`theme_${choice}`),
    icon: <CheckOutlined className={choice === theme.choice ? '' : 'unchosen'} />,
    onClick: () => theme.choose(choice),
  }));
  const account: MenuProps['items'] = [
    {
      key: 'who',
      type: 'group',
      label: `${me.memberId === null ? say('with_a_key') : me.email} · ${say(`role_${me.role}`)}`,
    },
    { key: 'settings', label: say('page_settings'), onClick: () => void navigate('/settings') },
    ...(me.memberId === null ? [] : [{ key: 'out', label: say('sign_out'), onClick: signOut }]),
  ];
  return (
    <header className="top">
      <Button className="top-menu" type="text" icon={<MenuOutlined />} aria-label={say('menu')} onClick={onMenu} />
      <p className="top-business">{business.brand}</p>
      <div className="top-tools">
        {/* The other language, in its own words: whoever cannot read this page can still find it. */}
        <Button
          type="text"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => changeLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          {language === 'zh' ? LANGUAGE_NAMES.en : LANGUAGE_NAMES.zh}
        </Button>
        <Dropdown menu={{ items: themes }} trigger={['click']} placement="bottomRight">
          <Button
            type="text"
            icon={theme.mode === 'dark' ? <MoonOutlined /> : <SunOutlined />}
            aria-label={say('theme')}
            aria-haspopup="menu"
          />
        </Dropdown>
        <Dropdown menu={{ items: account }} trigger={['click']} placement="bottomRight">
          <Button type="text" className="top-account" aria-haspopup="menu">
            <span className="avatar" aria-hidden="true">
              {Array.from(me.name)[0]?.toUpperCase()}
            </span>
            <span className="top-account-name">{me.name}</span>
            <span className="visually-hidden">{say('account')}</span>
            <DownOutlined className="top-account-more" aria-hidden="true" />
          </Button>
        </Dropdown>
      </div>
    </header>
  );
}

const LANGUAGE_NAMES = { en: 'English', zh: '中文' } as const;
