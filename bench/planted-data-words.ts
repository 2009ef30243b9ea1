// Sentences without end, from few enough words to read and enough that no two rows are alike by chance.

const subjects =
  'the courier,my sister,our accountant,the new printer,a neighbour,the landlord,this invoice,the blue suitcase,my account,the night train,our team,the garden shed,an old laptop,the school office,that subscription,the coffee machine,a parcel,the dentist,my bicycle,the kitchen lamp,the insurance form,our flight,the app,a refund,the rental car,the meeting room,my password manager,the heating,a birthday present,the museum ticket'.split(
    ',',
  );
const verbs =
  'arrived at,stopped near,was moved to,got lost in,came back from,was sent to,is waiting at,never reached,was left behind in,disappeared from,broke down near,was booked for,had to leave,was seen at,belongs to,was paid by,was cancelled by,is stuck in,was promised to,fell out of'.split(
    ',',
  );
const objects =
  'the harbour,a small hotel,the second floor,Lisbon,the bakery,the airport,a storage room,the wrong address,my office,the library,the repair shop,a colleague,the customs office,the old town,Utrecht,the night shift,the front desk,a farm,the clinic,the station,the youth club,a warehouse,the cellar,our branch in Graz,the car park'.split(
    ',',
  );
const times =
  'on Monday,after lunch,last week,two days ago,before sunrise,in late March,during the storm,at half past six,since the holidays,this morning,over the weekend,when I called,right after payment,while it rained,in the second week of May,yesterday evening,soon after the concert,at the end of the quarter'.split(
    ',',
  );
const wishes =
  'Could you tell me what to do next?,What are my options now?,How long will it take to sort out?,Who should I talk to about it?,Is there a form that I have to fill in?,Can I still change anything?,Do I need to pay again?,Would you look into it for me?,Where can I follow what happens?,Is that covered by my plan?,How do I make sure it works the next time?,What would you advise?'.split(
    ',',
  );
const advice =
  'Open the page of your orders,Send us a picture of the label,Ask the front desk for a receipt,Keep the box and the packing list,Write down the name of the driver,Wait until the next working day,Check the settings of the device,Call the branch nearest to you,Fill in the short form online,Compare the two dates on the bill,Bring the ticket and a pen,Talk to the person who signed it,Restart it and try once more,Look for the grey sticker below'.split(
    ',',
  );
const reasons =
  'so that nothing is charged twice,because the depot closes early,and the office will confirm it,which usually takes three days,unless the weather is bad,as the terms of your plan say,before the claim runs out,since only they can release it,and keep a copy for yourself,so the team can trace it,because the part is out of stock,and mention the colour of the case,if the light is still green,even when the line is busy'.split(
    ',',
  );
const closings =
  'That is all it takes.,We will be glad to help again.,It should be done by Friday.,Nothing else is needed from you.,The rest happens by itself.,You will see it in your account.,Tell us if it does not work.,Both ways cost the same.,This holds for every branch.,Most people choose the first way.'.split(
    ',',
  );

export type Draw = () => number;

export function pick<T>(list: readonly T[], random: Draw): T {
  return list[Math.floor(random() * list.length)]!;
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

export function statement(random: Draw): string {
  return `${capital(pick(subjects, random))} ${pick(verbs, random)} ${pick(objects, random)} ${pick(times, random)}`;
}

export function question(random: Draw): string {
  return `${statement(random)}, and ${pick(subjects, random)} ${pick(verbs, random)} ${pick(objects, random)}. ${pick(wishes, random)}`;
}

export function answer(random: Draw): string {
  const steps = Array.from({ length: 3 }, () => `${pick(advice, random)} ${pick(reasons, random)}.`);
  return `${steps.join(' ')} ${pick(closings, random)}`;
}

/** What a label's questions are about; one word is always its own, and some questions name another topic too. */
const topics: Readonly<Record<string, readonly string[]>> = {
  billing: 'invoice,charge,fee,amount,card,statement,debit,price,receipt,tax'.split(','),
  delivery: 'parcel,courier,address,tracking,van,shipment,doorstep,depot,label,driver'.split(','),
  returns: 'refund,send back,exchange,wrong size,box,voucher,unopened,swap,complaint,replacement'.split(','),
  account: 'password,login,profile,username,sign in,settings,locked,verification,phone number,security'.split(','),
  technical: 'screen,crash,update,battery,error,slow,restart,bluetooth,freeze,noise'.split(','),
  general: 'opening hours,branch,jobs,parking,newsletter,press,gift,partner,catalogue,visit'.split(','),
};
export const topicNames = Object.keys(topics);

export function topicQuestion(topic: string, random: Draw): string {
  const words = topics[topic]!;
  const other = random() < 0.15 ? pick(topics[pick(topicNames, random)]!, random) : pick(words, random);
  return `${statement(random)}. It is about the ${pick(words, random)}${random() < 0.6 ? ` and the ${other}` : ''}. ${pick(wishes, random)}`;
}
