/** 崇礼镇（四川省眉山市东坡区），2023. */
import type { Sample } from './sample.ts'

export const chongli: Sample = {
  township: '511402113',
  period: '2023',
  source: { title: '眉山市东坡区崇礼镇人民政府2023年法治政府建设工作报告' },
  records: {
    disputes: {
      figures: {
        accepted: 48,
        resolved: 47,
        resolutionRate: 98,
        civilToCriminalCases: 0,
        mediationCommittees: 11,
        safeVillagesProvincial: 2,
        safeVillagesMunicipal: 2,
      },
      remarks: {
        accepted: { quote: '共调处各类矛盾纠纷共48起' },
        resolved: { quote: '成功化解47起' },
        resolutionRate: { quote: '化解率为98%' },
        civilToCriminalCases: { quote: '未发生“民转刑”案件' },
        mediationCommittees: { quote: '我镇11个村(社区)成立人民调解委员会' },
        safeVillagesProvincial: { quote: '成功创建2个省级“七无”平安村' },
        safeVillagesMunicipal: { quote: '2个市级“七无”平安村' },
      },
      others: [
        { label: '矛盾纠纷研判会', value: 1, unit: '次', quote: '各村(社区)每周、镇每半月', note: '每期频次，非全年合计' },
        { label: '矛盾纠纷研判会', value: 1, unit: '次', quote: '镇每半月、特殊敏感时期每日召开', note: '每期频次，非全年合计' },
      ],
    },
    legalAdvisers: {
      figures: {
        villagesWithAdviser: 11,
        governmentAdvisers: 1,
        legalLiteratePersons: 44,
        serviceStations: 12,
        services: 60,
        consultations: 200,
      },
      remarks: {
        villagesWithAdviser: { quote: '与11个村(社区)签订法律顾问合同' },
        governmentAdvisers: { basis: 'planned', quote: '继续聘用1名法律顾问' },
        legalLiteratePersons: { quote: '总共44个法律明白人' },
        serviceStations: { quote: '我镇共建法律援助工作室12个' },
        services: { qualifier: 'atLeast', quote: '纠纷化解等法律服务60余次' },
        consultations: { qualifier: 'atLeast', quote: '解答群众咨询200余人次' },
      },
      others: [{ label: '每村法律明白人', value: 4, unit: '个', quote: '每村(社)拥有4个法律明白人' }],
    },
    publicity: {
      figures: {
        activitiesByKind: { village: 20 },
        lectures: 8,
        materials: 4000,
        audience: 20000,
        examinees: 70,
      },
      remarks: {
        'activitiesByKind.village': { qualifier: 'atLeast', quote: '进行法治宣传20余' },
        lectures: { quote: '等主题开展法律讲座8次' },
        materials: { qualifier: 'atLeast', quote: '免费发放普法宣传资料4000余份' },
        audience: { qualifier: 'about', quote: '普法宣传活动约20000人次受益' },
        examinees: { quote: '组织70名镇干部开展学法考法' },
      },
      others: [{ label: '普法宣传活动', value: 1, unit: '次', quote: '每月开展一次普法宣传活动', note: '每期频次，非全年合计' }],
    },
  },
}
