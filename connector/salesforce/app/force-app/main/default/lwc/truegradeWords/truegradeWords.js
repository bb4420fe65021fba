/**
 * Truegrade's texts in the language of the user: custom labels, whose translations an admin can change.
 */
import title from '@salesforce/label/c.Truegrade_Title';
import loading from '@salesforce/label/c.Truegrade_Loading';
import callFirst from '@salesforce/label/c.Truegrade_CallFirst';
import call from '@salesforce/label/c.Truegrade_Call';
import nurture from '@salesforce/label/c.Truegrade_Nurture';
import pass from '@salesforce/label/c.Truegrade_Pass';
import routed from '@salesforce/label/c.Truegrade_Routed';
import dealFirst from '@salesforce/label/c.Truegrade_DealFirst';
import dealGood from '@salesforce/label/c.Truegrade_DealGood';
import dealPush from '@salesforce/label/c.Truegrade_DealPush';
import dealDoubtful from '@salesforce/label/c.Truegrade_DealDoubtful';
import oddsOne from '@salesforce/label/c.Truegrade_OddsOne';
import oddsMany from '@salesforce/label/c.Truegrade_OddsMany';
import oddsFew from '@salesforce/label/c.Truegrade_OddsFew';
import oddsMost from '@salesforce/label/c.Truegrade_OddsMost';
import dealOddsOne from '@salesforce/label/c.Truegrade_DealOddsOne';
import dealOddsMany from '@salesforce/label/c.Truegrade_DealOddsMany';
import dealOddsFew from '@salesforce/label/c.Truegrade_DealOddsFew';
import dealOddsMost from '@salesforce/label/c.Truegrade_DealOddsMost';
import companyOddsOne from '@salesforce/label/c.Truegrade_CompanyOddsOne';
import companyOddsMany from '@salesforce/label/c.Truegrade_CompanyOddsMany';
import companyOddsFew from '@salesforce/label/c.Truegrade_CompanyOddsFew';
import companyOddsMost from '@salesforce/label/c.Truegrade_CompanyOddsMost';
import likelihood from '@salesforce/label/c.Truegrade_Likelihood';
import grade from '@salesforce/label/c.Truegrade_Grade';
import scoreOf from '@salesforce/label/c.Truegrade_ScoreOf';
import speaksFor from '@salesforce/label/c.Truegrade_SpeaksFor';
import speaksAgainst from '@salesforce/label/c.Truegrade_SpeaksAgainst';
import showAll from '@salesforce/label/c.Truegrade_ShowAll';
import showFewer from '@salesforce/label/c.Truegrade_ShowFewer';
import changed from '@salesforce/label/c.Truegrade_Changed';
import up from '@salesforce/label/c.Truegrade_Up';
import down from '@salesforce/label/c.Truegrade_Down';
import map from '@salesforce/label/c.Truegrade_Map';
import fit from '@salesforce/label/c.Truegrade_Fit';
import engagement from '@salesforce/label/c.Truegrade_Engagement';
import goodActive from '@salesforce/label/c.Truegrade_GoodActive';
import goodQuiet from '@salesforce/label/c.Truegrade_GoodQuiet';
import weakActive from '@salesforce/label/c.Truegrade_WeakActive';
import weakQuiet from '@salesforce/label/c.Truegrade_WeakQuiet';
import openLeads from '@salesforce/label/c.Truegrade_OpenLeads';
import bestLead from '@salesforce/label/c.Truegrade_BestLead';
import buyingGroup from '@salesforce/label/c.Truegrade_BuyingGroup';
import route from '@salesforce/label/c.Truegrade_Route';
import routeSales from '@salesforce/label/c.Truegrade_RouteSales';
import routeNurture from '@salesforce/label/c.Truegrade_RouteNurture';
import routeDisqualify from '@salesforce/label/c.Truegrade_RouteDisqualify';
import model from '@salesforce/label/c.Truegrade_Model';
import learned from '@salesforce/label/c.Truegrade_Learned';
import scored from '@salesforce/label/c.Truegrade_Scored';
import byHand from '@salesforce/label/c.Truegrade_ByHand';
import byRule from '@salesforce/label/c.Truegrade_ByRule';
import notScoredTitle from '@salesforce/label/c.Truegrade_NotScoredTitle';
import notScoredText from '@salesforce/label/c.Truegrade_NotScoredText';
import dealNotScoredText from '@salesforce/label/c.Truegrade_DealNotScoredText';
import companyNotScoredText from '@salesforce/label/c.Truegrade_CompanyNotScoredText';
import tooLittleTitle from '@salesforce/label/c.Truegrade_TooLittleTitle';
import tooLittleText from '@salesforce/label/c.Truegrade_TooLittleText';
import companyTooLittleText from '@salesforce/label/c.Truegrade_CompanyTooLittleText';
import staleTitle from '@salesforce/label/c.Truegrade_StaleTitle';
import staleText from '@salesforce/label/c.Truegrade_StaleText';
import dealStaleText from '@salesforce/label/c.Truegrade_DealStaleText';
import noAccessTitle from '@salesforce/label/c.Truegrade_NoAccessTitle';
import noAccessText from '@salesforce/label/c.Truegrade_NoAccessText';
import errorTitle from '@salesforce/label/c.Truegrade_ErrorTitle';
import errorText from '@salesforce/label/c.Truegrade_ErrorText';
import help from '@salesforce/label/c.Truegrade_Help';
import helpScore from '@salesforce/label/c.Truegrade_HelpScore';
import helpLikelihood from '@salesforce/label/c.Truegrade_HelpLikelihood';
import helpFit from '@salesforce/label/c.Truegrade_HelpFit';
import companyHelpScore from '@salesforce/label/c.Truegrade_CompanyHelpScore';
import companyHelpLikelihood from '@salesforce/label/c.Truegrade_CompanyHelpLikelihood';
import companyHelpGroup from '@salesforce/label/c.Truegrade_CompanyHelpGroup';

/** Every text by its key; {0} stands for what is put in. */
export const WORDS = {
  title,
  loading,
  callFirst,
  call,
  nurture,
  pass,
  routed,
  dealFirst,
  dealGood,
  dealPush,
  dealDoubtful,
  oddsOne,
  oddsMany,
  oddsFew,
  oddsMost,
  dealOddsOne,
  dealOddsMany,
  dealOddsFew,
  dealOddsMost,
  companyOddsOne,
  companyOddsMany,
  companyOddsFew,
  companyOddsMost,
  likelihood,
  grade,
  scoreOf,
  speaksFor,
  speaksAgainst,
  showAll,
  showFewer,
  changed,
  up,
  down,
  map,
  fit,
  engagement,
  goodActive,
  goodQuiet,
  weakActive,
  weakQuiet,
  openLeads,
  bestLead,
  buyingGroup,
  route,
  routeSales,
  routeNurture,
  routeDisqualify,
  model,
  learned,
  scored,
  byHand,
  byRule,
  notScoredTitle,
  notScoredText,
  dealNotScoredText,
  companyNotScoredText,
  tooLittleTitle,
  tooLittleText,
  companyTooLittleText,
  staleTitle,
  staleText,
  dealStaleText,
  noAccessTitle,
  noAccessText,
  errorTitle,
  errorText,
  help,
  helpScore,
  helpLikelihood,
  helpFit,
  companyHelpScore,
  companyHelpLikelihood,
  companyHelpGroup,
};
