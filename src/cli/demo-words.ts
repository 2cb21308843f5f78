// What `rekindle demo` says.
import type { Text } from '../kernel/lang.ts';

export const DEMO_WORDS = {
  demo: {
    en: 'A simulated shop with two years behind it: find the dormant, win them back for eight weeks, and compare with the truth',
    zh: '模拟商店：两年历史数据，找出沉睡用户，执行八周唤醒计划，并与真实效果对照',
  },
  demoExitOption: { en: 'end after the result instead of serving it', zh: '显示结果后退出，不启动服务' },
  demoSeedOption: { en: 'which shop: the same number gives the same people', zh: '随机种子：同一数字得到同一批用户' },
  demoPeopleOption: { en: 'how many people the shop knows (500 to 200,000)', zh: '商店用户数（500 至 200,000）' },
  demoStepWorld: { en: 'Making a shop and its people', zh: '生成商店与用户' },
  demoStepHistory: { en: 'Importing two years of events', zh: '导入两年的事件' },
  demoStepSetup: { en: 'Setting up policy, templates, coupon, programme', zh: '设置规则、模板、优惠券与计划' },
  demoStepWeeks: { en: 'Living through eight weeks', zh: '模拟运行八周' },
  demoStepReport: { en: 'Counting what came back', zh: '统计回归情况' },
  demoHead: {
    en: 'Fernhill Home, a simulated shop: {people} people, {events} events in two years. The engine saw the events, never the truth.',
    zh: 'Fernhill Home（模拟商店）：{people} 位用户，两年 {events} 条事件。引擎只看到事件，看不到真相。',
  },
  demoWho: {
    en: 'Who was dormant on {asOf}, by the policy “90 days without an order”',
    zh: '{asOf} 时谁在沉睡（规则：90 天未下单）',
  },
  demoContacted: {
    en: 'Of {considered} dormant people {treated} were treated, {control} left alone as control; the others were not contacted because each …',
    zh: '{considered} 位沉睡用户中，{treated} 位进入触达组，{control} 位作为对照组不予打扰；其余未触达的原因：',
  },
  demoBack: { en: 'What came back within eight weeks', zh: '八周内的回归' },
  demoBecause: { en: 'Because of the programme', zh: '因为本计划而回归' },
  demoEstimate: { en: 'estimated from control (95%, valid at any look)', zh: '由对照组估计（95%，随时有效）' },
  demoTruth: { en: 'the truth', zh: '真实值' },
  demoInside: { en: '✓ The truth lies inside the estimated interval.', zh: '✓ 真实值落在估计区间内。' },
  demoOutside: { en: '✗ The truth lies outside the estimated interval.', zh: '✗ 真实值落在估计区间外。' },
  demoDoors: {
    en: 'Through the real doors: {mails} mails over SMTP, {visits} opens, clicks and answers and {events} events over HTTP, {unsubscribes} unsubscribes, {complaints} complaints.',
    zh: '全部经由真实通道：SMTP 邮件 {mails} 封，HTTP 打开、点击与回应 {visits} 次、事件 {events} 条，退订 {unsubscribes} 次，投诉 {complaints} 次。',
  },
  demoServing: {
    en: 'The shop’s server goes on with this data. Ctrl+C ends it.',
    zh: '服务继续运行，数据保留。按 Ctrl+C 结束。',
  },
  demoOpening: { en: 'Opening the shop for you …', zh: '正在为您打开商店……' },
  demoShop: { en: 'Shop, as a customer', zh: '以顾客身份进店' },
  demoTry: {
    en: 'Look further in another terminal:  REKINDLE_DATA_DIR={dir} npm run rekindle -- programme report come-back-to-fernhill',
    zh: '可在另一终端继续查看：REKINDLE_DATA_DIR={dir} npm run rekindle -- programme report come-back-to-fernhill',
  },
} as const satisfies Record<string, Text>;
