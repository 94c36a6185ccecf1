/** Governance and lawful decisions: one line a figure. The columns are label zh, label en, unit, basis, rules. */
import { dutyKind } from './codelists.ts'
import { category, flow, opening, rate, stock } from './figure.ts'
import { balance, breakdown, rateOf, within, withinStrictly } from './rules.ts'

export const governance = category(
  { name: 'governance', path: 'governance', component: 'Governance', labels: { zh: '依法治理与依法决策', en: 'Governance and lawful decisions' } },
  {
    ruleOfLawMeetings: flow('研究法治建设工作会议', 'Meetings on rule-of-law work', '次', '督察工作规定'),
    meetings: flow('党委（党政）会议', 'Party committee and government meetings', '次', ''),
    ruleOfLawActions: flow('推进法治建设相关工作', 'Rule-of-law work undertaken', '次', '乡镇年度报告'),
    issuesResolved: flow('研究解决法治问题', 'Rule-of-law issues resolved', '件', ''),
    leadersReporting: flow('述法人数', 'Leaders reporting on rule of law', '人', ''),
    responsibilityLetters: flow('签订法治责任书', 'Responsibility letters signed', '份', ''),
    majorDecisions: flow('重大行政决策事项', 'Major administrative decisions', '件', '重大行政决策程序暂行条例'),
    majorDecisionsReviewed: flow('重大行政决策合法性审查', 'Major decisions legally reviewed', '件', '重大行政决策程序暂行条例', within('majorDecisions')),
    majorDecisionReviewRate: rate('重大行政决策合法性审查率', 'Major decision review rate', '%', '', rateOf('majorDecisionsReviewed', 'majorDecisions')),
    normativeDocuments: flow('制发规范性文件', 'Normative documents issued', '件', '政府信息公开年报'),
    normativeDocumentsReviewed: flow('规范性文件合法性审核', 'Normative documents legally reviewed', '件', '', within('normativeDocuments')),
    normativeDocumentsRepealed: flow('规范性文件清理（废止）', 'Normative documents repealed', '件', '政府信息公开年报'),
    draftsCommented: flow('征求意见稿回复', 'Draft documents commented on', '件', '乡镇年度报告'),
    informationDisclosed: flow('主动公开政府信息', 'Information items disclosed', '条', '政府信息公开年报'),
    disclosureRequests: flow('依申请公开受理', 'Disclosure requests received', '件', '政府信息公开年报'),
    disclosureRequestsCarriedIn: opening('依申请公开上年结转', 'Disclosure requests carried in', '件', '政府信息公开年报'),
    disclosureRequestsHandled: flow('依申请公开办结', 'Disclosure requests handled', '件', '政府信息公开年报', balance(['disclosureRequests', 'disclosureRequestsCarriedIn'], ['disclosureRequestsHandled', 'disclosureRequestsCarriedOut'])),
    disclosureRequestsCarriedOut: stock('依申请公开结转下年', 'Disclosure requests carried out', '件', '政府信息公开年报'),
    opennessRate: rate('党务政务村务公开面', 'Openness coverage rate', '%', '乡镇年度报告'),
    opennessStandardRate: rate('公开规范化率', 'Openness standardisation rate', '%', '乡镇年度报告'),
    serviceMatters: flow('便民服务事项办理', 'Service matters handled', '件', ''),
    serviceOnTimeRate: rate('按时办结率', 'Service on-time rate', '%', '乡镇年度报告'),
    reconsiderations: flow('行政复议案件', 'Administrative reconsideration cases', '件', '行政复议、行政应诉统计制度'),
    reconsiderationsCorrected: flow('行政复议纠错', 'Reconsideration decisions corrected', '件', '行政复议、行政应诉统计制度', within('reconsiderations')),
    litigations: flow('行政诉讼应诉', 'Administrative lawsuits defended', '件', '行政复议、行政应诉统计制度'),
    litigationsLost: flow('行政诉讼败诉', 'Administrative lawsuits lost', '件', '行政复议、行政应诉统计制度', within('litigations')),
    courtAppearancesDue: flow('负责人应出庭', 'Court appearances due', '件', '行政诉讼法'),
    courtAppearances: flow('负责人实际出庭', 'Court appearances made', '件', '行政诉讼法', withinStrictly('courtAppearancesDue')),
    courtAppearanceRate: rate('负责人出庭应诉率', 'Court appearance rate', '%', '行政诉讼法', rateOf('courtAppearances', 'courtAppearancesDue')),
    dutyItems: stock('履职事项清单', 'Duty items listed', '项', ''),
    dutyItemsByKind: stock('履职事项（按类别）', 'Duty items by kind', '项', '', breakdown('dutyItems', dutyKind, 'partial')),
    supervisionInspections: flow('法治督察', 'Rule-of-law supervision inspections', '次', '督察工作规定'),
    supervisionProblems: flow('督察反馈问题', 'Problems raised by supervision', '个', '督察工作规定'),
    supervisionProblemsCorrected: flow('督察问题整改', 'Supervision problems corrected', '个', '督察工作规定', within('supervisionProblems')),
  },
)
