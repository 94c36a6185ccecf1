/** Legal advisers and services: one line a figure. The columns are label zh, label en, unit, basis, rules. */
import { adviserService, reviewObject } from './codelists.ts'
import { category, countsTwice, flow, money, rate, stock } from './figure.ts'
import { breakdown, perUnit, rateOf, withinStrictly } from './rules.ts'

export const legalAdvisers = category(
  { name: 'legalAdvisers', path: 'legal-advisers', component: 'LegalAdviser', labels: { zh: '法律顾问与法律服务', en: 'Legal advisers and services' } },
  {
    villages: stock('行政村（社区）总数', 'Villages and communities', '个', '乡镇年度报告'),
    villagesWithAdviser: stock('配备法律顾问的村（社区）', 'Villages with a legal adviser', '个', '一村一法律顾问', withinStrictly('villages')),
    villageCoverageRate: rate('村（社区）法律顾问覆盖率', 'Village adviser coverage rate', '%', '一村一法律顾问', rateOf('villagesWithAdviser', 'villages')),
    governmentAdvisers: stock('政府法律顾问', 'Government legal advisers', '人', '法治政府建设实施纲要'),
    villageAdvisers: countsTwice(stock('村（社区）法律顾问人数', 'Village legal advisers', '人', '一村一法律顾问')),
    legalLiteratePersons: stock('法律明白人', 'Legal-literate residents (法律明白人)', '人', '乡村法律明白人培养工作规范', perUnit('villages', 3)),
    legalLiterateTrainings: flow('法律明白人培训', 'Trainings of legal-literate residents', '次', '乡镇年度报告'),
    serviceStations: stock('公共法律服务（法律援助）站室', 'Public legal service stations', '个', '乡镇年度报告'),
    services: flow('法律服务', 'Legal services provided', '次', '乡镇年度报告'),
    servicesByKind: flow('法律服务（按类别）', 'Legal services by kind', '次', '', breakdown('services', adviserService, 'partial')),
    consultations: flow('解答法律咨询', 'Legal consultations answered', '人次', '乡镇年度报告'),
    adviserMeetings: flow('法律顾问列席会议', 'Meetings attended by advisers', '次', ''),
    legalityReviews: flow('合法性审查', 'Legality reviews', '件', '乡镇年度报告'),
    legalityReviewsByObject: flow('合法性审查（按对象）', 'Legality reviews by object', '件', '', breakdown('legalityReviews', reviewObject, 'partial')),
    legalityReviewRate: rate('合法性审查率', 'Legality review rate', '%', ''),
    legalOpinions: flow('出具法律意见', 'Legal opinions issued', '条', '乡镇年度报告'),
    documentsDrafted: flow('起草（修改）法律文书', 'Legal documents drafted or revised', '份', ''),
    villageRulesRevised: flow('指导修订村规民约', 'Village rules revised with advice', '项', ''),
    adviserSpend: money('法律顾问费用', 'Spending on legal advisers', '元', ''),
  },
)
