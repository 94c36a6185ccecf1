/** Law publicity and education: one line a figure. The columns are label zh, label en, unit, basis, rules. */
import { activityKind, studyForum } from './codelists.ts'
import { category, flow, rate, score } from './figure.ts'
import { breakdown, rateOf, withinStrictly } from './rules.ts'

export const publicity = category(
  { name: 'publicity', path: 'publicity', component: 'Publicity', labels: { zh: '普法宣传教育', en: 'Law publicity and education' } },
  {
    activities: flow('普法宣传活动', 'Publicity activities', '场次', '法治宣传教育法'),
    activitiesByKind: flow('普法宣传活动（按形式）', 'Publicity activities by kind', '场次', '乡镇年度报告', breakdown('activities', activityKind, 'overlapping')),
    lectures: flow('法治讲座', 'Law lectures', '场次', '乡镇年度报告'),
    villageLectures: flow('村（社区）普法讲堂', 'Village law lectures', '场次', '乡镇年度报告'),
    consultationEvents: flow('法律咨询服务活动', 'Legal advice events', '场次', '乡镇年度报告'),
    consultationsAnswered: flow('宣传活动接受咨询', 'Consultations answered at events', '人次', ''),
    materials: flow('发放宣传资料', 'Materials distributed', '份', '乡镇年度报告'),
    brochures: flow('发放宣传册', 'Brochures distributed', '份', '乡镇年度报告'),
    books: flow('发放法治书籍', 'Law books distributed', '册', '乡镇年度报告'),
    displayBoards: flow('宣传展板（版面）', 'Display boards made', '块', '乡镇年度报告'),
    banners: flow('悬挂横幅标语', 'Banners hung', '条', ''),
    posters: flow('张贴海报', 'Posters put up', '张', ''),
    ledBroadcasts: flow('LED屏宣传', 'LED-screen broadcasts', '次', '乡镇年度报告'),
    messages: flow('微信等线上推送', 'Online messages pushed', '条', '乡镇年度报告'),
    audience: flow('受教育群众', 'Audience reached', '人次', '乡镇年度报告'),
    cadreStudySessions: flow('干部集中学法', 'Cadre law study sessions', '次', '法治宣传教育法'),
    cadreStudySessionsByForum: flow('干部学法（按场合）', 'Cadre law study by forum', '次', '', breakdown('cadreStudySessions', studyForum, 'overlapping')),
    discussions: flow('专题研讨', 'Themed discussions', '次', ''),
    studyNotes: flow('学习心得（交流材料）', 'Study notes and exchange papers', '篇', ''),
    cadreTrainings: flow('干部法律培训', 'Cadre law trainings', '次', '乡镇年度报告'),
    leaderTrainings: flow('领导干部法治专题培训', 'Special law trainings for leaders', '次', '乡镇年度报告'),
    cadreTrainees: flow('干部法律培训人次', 'Cadre training attendances', '人次', ''),
    cadreTrainingRate: rate('干部参训率', 'Cadre training coverage rate', '%', ''),
    exams: flow('法律知识考试', 'Law exams held', '次', '乡镇年度报告'),
    examinees: flow('法律考试参考', 'Law exam participants', '人', '乡镇年度报告'),
    examParticipationRate: rate('法律考试参考率', 'Law exam participation rate', '%', ''),
    examPassed: flow('法律考试合格', 'Passed the law exam', '人', '', withinStrictly('examinees')),
    examPassRate: rate('法律考试合格率', 'Law exam pass rate', '%', '乡镇年度报告', rateOf('examPassed', 'examinees')),
    examAverageScore: score('法律考试平均分', 'Law exam average score', '分', '乡镇年度报告'),
    partyRuleStudySessions: flow('学习党内法规', 'Party-rule study sessions', '次', '乡镇年度报告'),
    caseBasedSessions: flow('以案说法（以案四说）', 'Case-based study sessions', '次', '乡镇年度报告'),
    warningEducationSessions: flow('警示教育', 'Warning-education sessions', '次', '乡镇年度报告'),
    warningFilms: flow('警示教育片', 'Warning films shown', '场次', '乡镇年度报告'),
    disciplineLectures: flow('纪律党课', 'Discipline lectures', '次', '乡镇年度报告'),
  },
)
