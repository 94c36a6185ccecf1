/** 高观镇（重庆市城口县），2024. */
import type { Sample } from './sample.ts'

export const gaoguan: Sample = {
  township: '500229107',
  period: '2024',
  source: { title: '高观镇关于2024年法治政府建设情况的报告' },
  records: {
    disputes: {
      figures: {
        screenings: 62,
        resolvedByKind: { maritalFamily: 11, neighbour: 150, economic: 57 },
        resolvedComplex: 12,
        mediationSitesByTier: { township: 1, village: 11, group: 36 },
        gridCells: 66,
        gridWorkers: 56,
      },
      remarks: {
        screenings: { quote: '入户开展预防性矛盾纠纷排查62次' },
        'resolvedByKind.maritalFamily': { quote: '婚恋纠纷11起' },
        'resolvedByKind.neighbour': { quote: '邻里纠纷150起' },
        'resolvedByKind.economic': { quote: '经济纠纷57起' },
        resolvedComplex: { quote: '共有效化解疑难矛盾纠纷12起' },
        'mediationSitesByTier.township': { quote: '“1+11+36”地说事阵地矩阵' },
        'mediationSitesByTier.village': { quote: '“1+11+36”地说事阵地矩阵' },
        'mediationSitesByTier.group': { quote: '“1+11+36”地说事阵地矩阵' },
        gridCells: { quote: '划分66个微网格' },
        gridWorkers: { quote: '56名网格员' },
      },
    },
    enforcement: {
      figures: {
        certificationRate: 100,
        campaignsByDomain: { townAppearance: 10 },
        inspectionsByDomain: { roadTraffic: 97, foodDrug: 100 },
        violationsCorrectedByDomain: { roadTraffic: 180 },
        casesByDomain: { foodDrug: 1 },
        penaltiesByDomain: { townAppearance: 1 },
        rectificationNotices: 5,
        stallsCleared: 30,
        outOfStoreTradingRegulated: 7,
      },
      remarks: {
        certificationRate: { basis: 'target', quote: '确保执法人员持证上岗率达100%' },
        'campaignsByDomain.townAppearance': { quote: '全年共集中开展整治行动10次' },
        'inspectionsByDomain.roadTraffic': { quote: '累计开展道路巡查97次' },
        'inspectionsByDomain.foodDrug': { quote: '共检查辖区食品经营单位100家次' },
        'violationsCorrectedByDomain.roadTraffic': { quote: '纠正各类交通违法行为180起' },
        'casesByDomain.foodDrug': { quote: '查处食品安全案件1起' },
        'penaltiesByDomain.townAppearance': { quote: '处罚占道1起' },
        rectificationNotices: { quote: '下达责令整改通知书5份' },
        stallsCleared: { quote: '清理违规摊位30个' },
        outOfStoreTradingRegulated: { quote: '规范店外经营7家' },
      },
      others: [
        { label: '劝阻无事酒', value: 9, unit: '起', quote: '成功劝阻无事酒操办9起' },
        { label: '销毁不合格药品', value: 1, unit: '起', quote: '销毁不合格药品1起' },
      ],
    },
    legalAdvisers: {
      figures: {
        villagesWithAdviser: 11,
        legalLiterateTrainings: 12,
      },
      remarks: {
        villagesWithAdviser: { quote: '全镇11个行政村（社区）实现法律服务“全覆盖”' },
        legalLiterateTrainings: { quote: '累计开展“法律明白人培训”12次' },
      },
    },
    publicity: {
      figures: {
        activities: 27,
        activitiesByKind: { outreach: 22 },
        lectures: 8,
        villageLectures: 5,
        consultationEvents: 11,
        ledBroadcasts: 20,
        messages: 250,
        examinees: 42,
        examPassRate: 100,
        partyRuleStudySessions: 40,
        caseBasedSessions: 1,
        warningEducationSessions: 4,
        warningFilms: 5,
        disciplineLectures: 1,
      },
      remarks: {
        activities: { quote: '等主题普法宣传活动27次' },
        'activitiesByKind.outreach': { quote: '开展法治宣传“六进”活动22次' },
        lectures: { quote: '其中开展普法讲座8场次' },
        villageLectures: { quote: '到村居开展普法讲堂5场次' },
        consultationEvents: { quote: '开展法律法规咨询服务11场次' },
        ledBroadcasts: { qualifier: 'atLeast', quote: '运用LED屏宣传法治内容20余次' },
        messages: { qualifier: 'atLeast', quote: '微信群推送法治内容宣传250余次' },
        examinees: { quote: '辖区累计42人参考' },
        examPassRate: { quote: '参考合格率达到100％' },
        partyRuleStudySessions: { qualifier: 'atLeast', quote: '学习党内法规制度40余次' },
        caseBasedSessions: { quote: '集中学习党内法规“以案四说”1次' },
        warningEducationSessions: { quote: '警示教育4次' },
        warningFilms: { quote: '观看警示教育片5场次' },
        disciplineLectures: { quote: '纪律党课1次' },
      },
    },
    governance: {
      figures: {
        ruleOfLawActions: 8,
      },
      remarks: {
        ruleOfLawActions: { quote: '全年开展推进法治建设相关工作8次' },
      },
    },
  },
}
