/** kam_notice_send__c : a CRM notice (CRM 提醒). inputData: title, content, receiverIds, objectApiName, dataId. */
Map given = inputData as Map
def (Boolean error, Object data, String message) = Fx.message.sendNotice(
    given["title"] as String,
    given["content"] as String,
    given["receiverIds"] as List,
    given["objectApiName"] as String,
    given["dataId"] as String
)
return ["isError": error, "data": data, "message": error ? message : ""]
