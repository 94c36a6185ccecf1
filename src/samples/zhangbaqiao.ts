/** 张八桥镇（河南省平顶山市宝丰县），2024. */
import type { Sample } from './sample.ts'

export const zhangbaqiao: Sample = {
  township: '410421106',
  period: '2024',
  source: { title: '张八桥镇2024年法治政府建设情况报告' },
  records: {
    disputes: {
      figures: {
        accepted: 100,
        resolutionRate: 99,
        petitionsReceived: 93,
        petitionClosureRate: 97,
      },
      remarks: {
        accepted: { qualifier: 'atLeast', quote: '全镇共调解各类矛盾纠纷100余件' },
        resolutionRate: { quote: '调解成功率达到99%' },
        petitionsReceived: { quote: '共受理群众信访事项93件' },
        petitionClosureRate: { quote: '办结率达到97%' },
      },
    },
    enforcement: {
      figures: {
        certificationRate: 100,
        trainings: 9,
        trainees: 200,
        campaignsByDomain: { market: 20 },
        supervisionChecks: 10,
        problemsCorrected: 8,
        wrongfulCases: 0,
      },
      remarks: {
        certificationRate: { quote: '行政执法人员持证上岗率达到100%' },
        trainings: { quote: '共组织行政执法人员培训9次' },
        trainees: { quote: '培训人员200人次' },
        'campaignsByDomain.market': { qualifier: 'atLeast', quote: '开展市场监管执法行动20余次' },
        supervisionChecks: { quote: '开展行政执法监督检查10次' },
        problemsCorrected: { quote: '发现并纠正问题8个' },
        wrongfulCases: { quote: '未发生行政执法错案' },
      },
    },
    legalAdvisers: {
      figures: {
        legalityReviewsByObject: { decision: 3 },
        legalOpinions: 5,
      },
      remarks: {
        'legalityReviewsByObject.decision': { quote: '参与重大行政决策合法性审查3次' },
        legalOpinions: { quote: '提出法律意见5条' },
      },
    },
    publicity: {
      figures: {
        activities: 20,
        materials: 1000,
        audience: 10000,
        cadreTrainings: 9,
        leaderTrainings: 10,
        exams: 12,
      },
      remarks: {
        activities: { quote: '共开展法治宣传教育活动20次' },
        materials: { qualifier: 'atLeast', quote: '发放宣传资料千余份' },
        audience: { quote: '受教育群众10000人次' },
        cadreTrainings: { quote: '共组织干部法律知识培训9次' },
        leaderTrainings: { quote: '镇村干部参加法治专题培训10次' },
        exams: { quote: '考试12次' },
      },
    },
    governance: {
      figures: {
        serviceOnTimeRate: 100,
      },
      remarks: {
        serviceOnTimeRate: { quote: '2024年全镇按时办结率达到100%' },
      },
    },
  },
}
