import type { LedgerEntry } from '../books/ledger.js';

/** The words of the page, in each of its languages. */
export interface Texts {
  readonly direction: 'ltr' | 'rtl';
  readonly pay: string;
  readonly authorise: string;
  readonly verify: string;
  readonly cancel: string;
  readonly warning: string;
  readonly reference: string;
  readonly cardNumber: string;
  readonly month: string;
  readonly year: string;
  readonly securityCode: string;
  readonly saveCard: string;
  readonly savedCard: string;
  readonly amount: string;
  readonly payInstead: string;
  readonly payLater: string;
  readonly challengeTitle: string;
  readonly challengeQuestion: string;
  readonly confirm: string;
  readonly reject: string;
  readonly returning: string;
  readonly goOn: string;
  readonly otherLanguage: string;
  readonly testCards: string;
  readonly columns: readonly [number: string, code: string, what: string];
  readonly paid: string;
  readonly asksFirst: string;
  readonly anyOfThem: string;
  readonly another: string;
  readonly anyOther: string;
  readonly any: string;
  readonly declined: string;
  readonly wrongNumber: string;
  readonly wrongCode: string;
  readonly wrongMonth: string;
  readonly wrongYear: string;
  readonly wrongAmount: string;
  readonly noPage: readonly [title: string, text: string];
  readonly usedPage: readonly [title: string, text: string];
  readonly deadPage: readonly [title: string, text: string];
  readonly mayClose: string;
  /** How it ended, by status. The gateway's own words are English. */
  readonly ended: Readonly<Partial<Record<Status, string>>>;
}

type Status = NonNullable<LedgerEntry['status']>;

const english: Texts = {
  direction: 'ltr',
  pay: 'Pay',
  authorise: 'Authorise payment',
  verify: 'Verify Card',
  cancel: 'Cancel',
  warning: 'This is a local simulator. No money moves. Never type a real card number.',
  reference: 'Reference',
  cardNumber: 'Card number',
  month: 'Month',
  year: 'Year',
  securityCode: 'CVV',
  saveCard: 'Save this card',
  savedCard: 'Saved card',
  amount: 'Amount',
  payInstead: 'Pay instead',
  payLater: 'Pay later with',
  challengeTitle: '3-D Secure',
  challengeQuestion: 'Your bank asks: is this payment yours?',
  confirm: 'Authorise',
  reject: 'Reject',
  returning: 'Returning to the shop',
  goOn: 'Continue',
  otherLanguage: 'العربية',
  testCards: 'Test cards',
  columns: ['Number', 'CVV', 'What happens'],
  paid: 'paid',
  asksFirst: '3-D Secure first',
  anyOfThem: 'any of them',
  another: 'another',
  anyOther: 'any other',
  any: 'any',
  declined: 'declined',
  wrongNumber: 'The card number is not valid.',
  wrongCode: 'The security code is not valid.',
  wrongMonth: 'The month is not valid.',
  wrongYear: 'The year is not valid.',
  wrongAmount: 'The amount is not valid.',
  noPage: ['Not found', 'There is no such payment page.'],
  usedPage: ['Done', 'This payment page was used already.'],
  deadPage: ['Expired', 'This payment page has expired.'],
  mayClose: 'You may close this page.',
  ended: {},
};

const arabic: Texts = {
  direction: 'rtl',
  pay: 'ادفع',
  authorise: 'تفويض الدفع',
  verify: 'التحقق من البطاقة',
  cancel: 'إلغاء',
  warning: 'هذا محاكٍ محلي. لا تنتقل أي أموال. لا تكتب رقم بطاقة حقيقية أبدًا.',
  reference: 'المرجع',
  cardNumber: 'رقم البطاقة',
  month: 'الشهر',
  year: 'السنة',
  securityCode: 'رمز الأمان',
  saveCard: 'احفظ هذه البطاقة',
  savedCard: 'البطاقة المحفوظة',
  amount: 'المبلغ',
  payInstead: 'ادفع بدلًا من ذلك',
  payLater: 'ادفع لاحقًا عبر',
  challengeTitle: 'التحقق الآمن',
  challengeQuestion: 'يسأل مصرفك: هل هذه العملية لك؟',
  confirm: 'أوافق',
  reject: 'أرفض',
  returning: 'العودة إلى المتجر',
  goOn: 'متابعة',
  otherLanguage: 'English',
  testCards: 'بطاقات الاختبار',
  columns: ['الرقم', 'رمز الأمان', 'ما يحدث'],
  paid: 'يتم الدفع',
  asksFirst: 'التحقق الآمن أولًا',
  anyOfThem: 'أي منها',
  another: 'رمز آخر',
  anyOther: 'أي رقم آخر',
  any: 'أي رمز',
  declined: 'ترفض',
  wrongNumber: 'رقم البطاقة غير صحيح.',
  wrongCode: 'رمز الأمان غير صحيح.',
  wrongMonth: 'الشهر غير صحيح.',
  wrongYear: 'السنة غير صحيحة.',
  wrongAmount: 'المبلغ غير صحيح.',
  noPage: ['غير موجودة', 'لا توجد صفحة دفع كهذه.'],
  usedPage: ['تم', 'سبق استخدام صفحة الدفع هذه.'],
  deadPage: ['انتهت المهلة', 'انتهت صلاحية صفحة الدفع هذه.'],
  mayClose: 'يمكنك إغلاق هذه الصفحة.',
  ended: {
    A: 'تمت الموافقة',
    H: 'العملية قيد المراجعة',
    P: 'في انتظار الدفع',
    D: 'رُفضت العملية',
    C: 'أُلغيت العملية',
    E: 'تعذر إتمام العملية',
  },
};

export type Language = 'en' | 'ar';

export const textsOf = (language: Language): Texts => (language === 'ar' ? arabic : english);
