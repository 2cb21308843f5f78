// The pages of the console, in the order of the navigation. A page is a folder of its own and one line here.
import {
  ApiOutlined,
  AppstoreOutlined,
  BarChartOutlined,
  BranchesOutlined,
  DatabaseOutlined,
  FireOutlined,
  GiftOutlined,
  MailOutlined,
  QuestionCircleOutlined,
  SettingOutlined,
  TeamOutlined,
  UsergroupAddOutlined,
} from '@ant-design/icons';
import { lazy, type ComponentType, type ReactNode } from 'react';
import type { Permission } from '../../src/http/contract/permissions.ts';
import type { PageName } from './page-names.ts';

export const GROUPS = ['understand', 'act', 'prove', 'run'] as const;
type Group = (typeof GROUPS)[number];

export type Page = {
  readonly name: PageName;
  readonly group: Group;
  readonly icon: ReactNode;
  /** Whoever lacks it does not see the page. */
  readonly permission: Permission;
  readonly Content: ComponentType;
};

const page = (
  name: PageName,
  group: Group,
  permission: Permission,
  icon: ReactNode,
  load: () => Promise<{ readonly Page: ComponentType }>,
): Page => ({ name, group, permission, icon, Content: lazy(async () => ({ default: (await load()).Page })) });

export const PAGES: readonly Page[] = [
  page('overview', 'understand', 'business.read', <FireOutlined />, () => import('./pages/overview/page.tsx')),
  page('dormancy', 'understand', 'policies.read', <AppstoreOutlined />, () => import('./pages/dormancy/page.tsx')),
  page('reasons', 'understand', 'reasons.read', <QuestionCircleOutlined />, () => import('./pages/reasons/page.tsx')),
  page('people', 'understand', 'people.read', <TeamOutlined />, () => import('./pages/people/page.tsx')),
  page('segments', 'understand', 'segments.read', <UsergroupAddOutlined />, () => import('./pages/segments/page.tsx')),
  page('programmes', 'act', 'programmes.read', <BranchesOutlined />, () => import('./pages/programmes/page.tsx')),
  page('templates', 'act', 'templates.read', <MailOutlined />, () => import('./pages/templates/page.tsx')),
  page('offers', 'act', 'offers.read', <GiftOutlined />, () => import('./pages/offers/page.tsx')),
  page('results', 'prove', 'results.read', <BarChartOutlined />, () => import('./pages/results/page.tsx')),
  page('reach', 'run', 'reach.read', <ApiOutlined />, () => import('./pages/reach/page.tsx')),
  page('data', 'run', 'data.read', <DatabaseOutlined />, () => import('./pages/data/page.tsx')),
  page('settings', 'run', 'business.read', <SettingOutlined />, () => import('./pages/settings/page.tsx')),
];
