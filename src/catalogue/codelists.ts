/**
 * The codelists: the members that a breakdown can have, each with its label. A member code is part of the public name of a
 * figure (`inspectionsByDomain.roadTraffic`), so it is never renamed or removed.
 */
export type Labels = { zh: string; en: string }
export type Codelist<N extends string = string, M extends string = string> = { name: N; members: Record<M, Labels> }

function codelist<const N extends string, const M extends string>(
  name: N,
  members: Record<M, readonly [zh: string, en: string]>,
): Codelist<N, M> {
  const labels = Object.entries<readonly [string, string]>(members).map(([code, [zh, en]]) => [code, { zh, en }])
  return { name, members: Object.fromEntries(labels) }
}

export const disputeKind = codelist('disputeKind', {
  maritalFamily: ['婚姻家庭', 'marriage and family'],
  neighbour: ['邻里', 'neighbours'],
  housing: ['房屋宅基地', 'housing and homestead'],
  contract: ['合同', 'contract'],
  business: ['生产经营', 'production and business'],
  damages: ['损害赔偿', 'damages'],
  forestLand: ['山林土地', 'forest and land'],
  expropriation: ['征地拆迁', 'expropriation and demolition'],
  environment: ['环境污染', 'environmental pollution'],
  labour: ['劳动争议', 'labour'],
  consumer: ['消费', 'consumer'],
  medical: ['医疗', 'medical'],
  traffic: ['道路交通事故', 'road traffic accident'],
  property: ['物业', 'property management'],
  economic: ['经济（债务）', 'economic and debt; printed by townships, in neither official list'],
  other: ['其他', 'other'],
})

export const disputeSource = codelist('disputeSource', {
  ownInitiative: ['主动调解', 'on own initiative'],
  onApplication: ['依申请', 'on application'],
  referred: ['接受委托移送', 'referred by court, police, petition office or others'],
})

export const agreementForm = codelist('agreementForm', {
  oral: ['口头协议', 'oral agreement'],
  written: ['书面协议', 'written agreement'],
})

export const mediationLevel = codelist('mediationLevel', {
  village: ['村级', 'village'],
  township: ['镇级', 'township'],
})

export const siteTier = codelist('siteTier', {
  township: ['镇级', 'township'],
  village: ['村级', 'village'],
  group: ['组（院落）级', 'group'],
})

export const requestOutcome = codelist('requestOutcome', {
  settled: ['就地化解', 'settled locally'],
  transferred: ['移交处理', 'transferred'],
})

export const enforcementDomain = codelist('enforcementDomain', {
  roadTraffic: ['道路交通', 'road traffic'],
  foodDrug: ['食品药品', 'food and drugs'],
  workSafety: ['安全生产', 'work safety'],
  fire: ['消防', 'fire safety'],
  forestry: ['林业', 'forestry'],
  openFire: ['野外用火', 'open fires'],
  landPlanning: ['自然资源（违建）', 'land and planning'],
  environment: ['生态环境', 'environment'],
  townAppearance: ['市容（场镇）秩序', 'town appearance and order'],
  market: ['市场监管', 'market supervision'],
  culture: ['文化市场', 'cultural market'],
  agriculture: ['农业', 'agriculture'],
  other: ['其他', 'other'],
})

export const penaltyProcedure = codelist('penaltyProcedure', {
  simple: ['简易程序', 'simple procedure'],
  ordinary: ['普通（一般）程序', 'ordinary procedure'],
})

export const hazardLevel = codelist('hazardLevel', {
  general: ['一般', 'general'],
  major: ['重大', 'major'],
})

export const adviserService = codelist('adviserService', {
  enterprise: ['企业法治体检', 'enterprise services'],
  mediation: ['参与调解', 'mediation'],
  petition: ['参与信访', 'petitions'],
  enforcement: ['协助执法', 'enforcement'],
  letter: ['律师函', 'lawyer letters'],
})

export const reviewObject = codelist('reviewObject', {
  decision: ['重大决策', 'major decisions'],
  normativeDocument: ['规范性文件', 'normative documents'],
  contract: ['合同', 'contracts'],
  enforcementDecision: ['重大执法决定', 'enforcement decisions'],
  other: ['其他', 'other'],
})

export const activityKind = codelist('activityKind', {
  outreach: ['法律“N进”', 'outreach (“N entries”)'],
  school: ['进校园', 'schools'],
  village: ['村（社区）', 'villages'],
  enterprise: ['进企业', 'enterprises'],
  specialGroups: ['特殊群体', 'special groups'],
  constitutionWeek: ['宪法宣传周', 'Constitution week'],
  civilCode: ['民法典宣传', 'Civil Code'],
})

export const dutyKind = codelist('dutyKind', {
  basic: ['基本履职', 'basic'],
  cooperative: ['配合履职', 'cooperative'],
  recovered: ['上级收回', 'taken back by the higher level'],
})

export const studyForum = codelist('studyForum', {
  centralGroup: ['党委中心组', 'central study group'],
  preMeeting: ['会前学法', 'before meetings'],
  plenary: ['干部集中', 'all cadres'],
  ruleOfLawThought: ['法治思想专题', 'rule-of-law thought'],
})
